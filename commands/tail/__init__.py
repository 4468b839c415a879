"""Follows a topic as it is written."""
