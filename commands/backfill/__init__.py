"""NewStore's export files, line by line into the same topics as the webhooks."""
