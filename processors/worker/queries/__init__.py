"""What is asked of order states, and the answers: the HTTP API and the console use the same ones."""
