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
    """Of what runs here, as `build_in_words` has it."""
    return build_in_words(package_version(), revision())


def build_in_words(version: str, revision: str) -> str:
    """Both, for people: `0.1.0 (745449f)`, or `0.1.0` where the revision is not known, and so empty."""
    short = revision[:_SHORT] if len(revision) == _WHOLE else revision
    return f"{version} ({short})" if short else version
