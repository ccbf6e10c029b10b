"""Aivapad, from the vendor's side."""
