"""Paths as aiohttp's router takes them."""


def route(path: str) -> str:
    """Return a path of OpenAPI for the router, whose own `{name}` would take no part with a brace in it, as an id may
    have."""
    return path.replace("}", ":[^/]+}")
