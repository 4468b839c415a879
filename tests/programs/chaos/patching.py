"""How a process is made to misbehave."""

from unittest.mock import patch


def replace(owner: object, name: str, value: object) -> None:
    """Replace an attribute for the rest of the process."""
    patch.object(owner, name, value).start()
