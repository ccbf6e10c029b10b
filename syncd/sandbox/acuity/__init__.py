"""Acuity Scheduling, from the vendor's side."""
