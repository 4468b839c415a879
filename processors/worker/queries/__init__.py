"""Questions about order states and their answers, for the HTTP API and the console alike."""
