"""Which build runs: the package's version, the revision that its image was built from, and whether the packages beside
it are those that it was made for."""

import os
import re
from collections.abc import Collection, Iterable
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from typing import Final

_PACKAGE: Final = "newstore-kafka-bridge"
_PINNED: Final = re.compile(r"([\w.-]+)(?:\[[^]]*\])?\s*==\s*([^\s;,]+)")
"""A requirement of one version: name, extras, version."""

REVISION: Final = "NEWSTORE_KAFKA_BRIDGE_REVISION"
"""Set by the image (deploy/Dockerfile), and by nobody else. It is no setting, so it lacks the prefix of settings."""
_WHOLE: Final = 40
"""Characters of a commit's id."""
_SHORT: Final = 7
"""This many characters are enough to find a commit."""


def package_version() -> str:
    """The installed package's version, as pyproject.toml has it: the same until somebody raises it."""
    return version(_PACKAGE)


def revision() -> str:
    """The commit's id that the image's builder gave (docs/image.md); empty if it is not known, as without an image."""
    return os.environ.get(REVISION, "")


def version_in_words() -> str:
    """The build that runs here, as `build_in_words` has it."""
    return build_in_words(package_version(), revision())


def build_in_words(version: str, revision: str) -> str:
    """For people: `0.1.0 (745449f)`, or `0.1.0` if the revision is not known, and so empty."""
    short = revision[:_SHORT] if len(revision) == _WHOLE else revision
    return f"{version} ({short})" if short else version


def foreign_packages(used: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each of these packages that is installed in another version than the only one that ours asks for.
    An installer may be told to ignore that, and what we change of a package's internals then does something else. Empty
    if nothing tells, as in a source tree that nobody has installed."""
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
        # A build of our own is called 0.14.0+ours.
        if found and pinned[name] not in {each.partition("+")[0] for each in found}
    )


def _installed(package: str) -> Collection[str]:
    """The package's versions in the directory that it is imported from: `pip --target` leaves the metadata of the
    version before. Empty if nothing tells, as with metadata that was left empty."""
    found = list(distributions(name=package))
    return {each.metadata["Version"] for each in found if each.locate_file("") == found[0].locate_file("")} - {None, ""}
