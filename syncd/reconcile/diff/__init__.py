"""What each known record shows now, and what changed in it since it was last agreed on."""
