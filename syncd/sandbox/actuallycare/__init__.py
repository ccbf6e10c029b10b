"""ActuallyCare, from the vendor's side."""
