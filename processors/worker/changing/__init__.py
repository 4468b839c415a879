"""Changes of orders over HTTP."""
