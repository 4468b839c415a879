"""Stores NewStore's export files, line by line, in the topics of the webhooks."""
