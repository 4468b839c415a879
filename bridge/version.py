"""Which build runs: the version of the package, the revision that its image was built from, and whether the packages
beside it are those that it was made for."""

import os
import re
from collections.abc import Collection, Iterable
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from typing import Final

_PACKAGE: Final = "newstore-kafka-bridge"
_PINNED: Final = re.compile(r"([\w.-]+)(?:\[[^]]*\])?\s*==\s*([^\s;,]+)")
"""A requirement of one version: name, extras, version."""

REVISION: Final = "NEWSTORE_KAFKA_BRIDGE_REVISION"
"""Set by the image (deploy/Dockerfile). Without the prefix of settings: it is none, and nobody else sets it."""
_WHOLE: Final = 40
"""Characters of a commit's id."""
_SHORT: Final = 7
"""So many are enough to find it."""


def package_version() -> str:
    """Of the package that is installed, as pyproject.toml has it: the same until somebody raises it."""
    return version(_PACKAGE)


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


def foreign_packages(used: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each of these packages that has another version than the only one that ours asks for: an installer
    that is told to passes over that, and what we change of their internals then does something else. None where
    nothing tells, as in a source tree that nobody has installed."""
    try:
        matches = (_PINNED.match(each) for each in requires(_PACKAGE) or ())
    except PackageNotFoundError:
        return ()
    pinned = {found[1]: found[2] for found in matches if found}
    installed = {name: _installed(name) for name in used if name in pinned}
    return tuple(
        f"{name} {' and '.join(sorted(found))} is installed, and the bridge needs {pinned[name]} and no other:"
        f" `pip install {name}=={pinned[name]}`."
        for name, found in installed.items()
        # A build of one's own is called 0.14.0+ours.
        if found and pinned[name] not in {each.partition("+")[0] for each in found}
    )


def _installed(package: str) -> Collection[str]:
    """Versions that lie where it is imported from: an installer into a directory (`pip --target`) leaves what tells of
    the one before. None where nothing tells, as of what was left behind empty."""
    found = list(distributions(name=package))
    return {each.metadata["Version"] for each in found if each.locate_file("") == found[0].locate_file("")} - {None, ""}
