"""Values and errors that every floor speaks in. Standard library only; no I/O, no clock."""
