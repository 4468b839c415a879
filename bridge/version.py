"""Which build runs: the version of the package, and the revision that its image was built from."""

import os
from importlib.metadata import version
from typing import Final

REVISION: Final = "NEWSTORE_KAFKA_BRIDGE_REVISION"
"""Set by the image (deploy/Dockerfile). Without the prefix of settings: it is none, and nobody else sets it."""
_WHOLE: Final = 40
"""Characters of a commit's id."""
_SHORT: Final = 7
"""So many are enough to find it."""


def package_version() -> str:
    """Of the package that is installed, as pyproject.toml has it: the same until somebody raises it."""
    return version("newstore-kafka-bridge")


def revision() -> str:
    """What the image's builder said, a commit's id (docs/image.md); empty where that is not known, as without an
    image."""
    return os.environ.get(REVISION, "")


def version_in_words() -> str:
    """Both, for people: `0.1.0 (745449f)`, or `0.1.0` where the revision is not known."""
    found = revision()
    short = found[:_SHORT] if len(found) == _WHOLE else found
    return f"{package_version()} ({short})" if short else package_version()
