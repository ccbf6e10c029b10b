"""syncd keeps the same appointments in step across several vendors."""

__version__ = "0.1.0"
