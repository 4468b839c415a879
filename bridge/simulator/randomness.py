"""Randomness out of the seed alone: each lifecycle has its own, so none depends on what the others did."""

from hashlib import blake2b
from random import Random


def randomness(seed: int, *path: object) -> Random:
    """A generator of its own for what `path` names."""
    return Random("/".join(map(str, (seed, *path))))  # noqa: S311 - a simulation  # nosec B311


def new_id(rng: Random) -> str:
    """A UUID."""
    return _uuid(f"{rng.getrandbits(128):032x}")


def known_id(seed: int, *path: object) -> str:
    """The UUID of what `path` names, for those who refer to it without having made it."""
    return _uuid(blake2b("/".join(map(str, (seed, *path))).encode(), digest_size=16).hexdigest())


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
