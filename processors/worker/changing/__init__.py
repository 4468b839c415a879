"""Changes of orders that are asked of a worker over HTTP."""
