"""How a process that is to misbehave comes to do so."""

from unittest.mock import patch


def replace(owner: object, name: str, value: object) -> None:
    """For the rest of the process."""
    patch.object(owner, name, value).start()
