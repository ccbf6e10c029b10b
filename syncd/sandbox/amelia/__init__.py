"""Amelia, from the vendor's side."""
