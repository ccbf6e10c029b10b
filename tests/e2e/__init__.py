"""All of syncd together, against the sandbox."""
