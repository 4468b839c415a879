"""The packages for readers of the topics: Python, npm and Maven, made from the same models and schemas."""
