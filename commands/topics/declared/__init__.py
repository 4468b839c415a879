"""Topics and permissions, declared for other tools."""
