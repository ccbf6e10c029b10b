"""Bugs that are planted one at a time into a copy of the sources: each of them must make a test fail."""
