"""Following a topic as it is written."""
