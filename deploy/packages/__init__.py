"""The packages for those who read the topics: Python, npm and Maven, made of the same models and schemas."""
