"""What was changed at several vendors, to one agreed value for each field."""
