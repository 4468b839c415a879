"""Topics and permissions as other tools want them declared."""
