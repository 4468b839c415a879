"""Finds tables' directories that nobody has used for so long that Kafka may have dropped deletions meanwhile.

A changelog keeps a deletion for a week. A directory that was away for longer may have rows that everybody else has
forgotten since, erased orders among them, and nothing would ever delete them. So it is read anew. Not so if rows go by
age alone: then the changelog may lack what the directory has; see ``Expiry.epoch``.
"""

import logging
import os
import shutil
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

RETIRED: Final = ".removed"
"""Suffix of a directory that nobody needs any more; see ``leftovers.py``."""
LONGEST_S: Final = 6 * 86_400.0
"""A day less than ``delete.retention.ms`` of the changelogs."""


def is_outdated(directory: Path, now: float) -> bool:
    """Whether the directory may lack deletions at ``now`` (seconds since 1970). Its own time says when it last had all
    of its changelog: a running lane touches it every minute. Ask before opening it. The answer is kept beside it, since
    whoever opens it may end at once."""
    mark = _mark(directory)
    if not directory.exists():
        mark.unlink(missing_ok=True)
        return False
    if now - directory.stat().st_mtime > LONGEST_S:
        mark.touch()
    return mark.exists()


def last_use(directory: Path, now: float) -> float:
    """The directory's time in seconds since 1970; ``now`` if it is still to be made."""
    return directory.stat().st_mtime if directory.exists() else now


def touch(directory: Path, now: float) -> None:
    """Note that the directory is in use at ``now``. If it was unused for too long until then, as by a frozen process,
    it is marked first."""
    is_outdated(directory, now)
    set_last_use(directory, now)


def set_last_use(directory: Path, at: float) -> None:
    """Set the directory's time. Another user's directory, as on a volume which that user restored, keeps its own."""
    try:
        os.utime(directory, (at, at))
    except PermissionError as error:
        log.warning("when %s was used last is not kept, so it may be read anew without need: %s", directory, error)


def unmark(directory: Path) -> None:
    """Remove the mark: the directory is another one now."""
    _mark(directory).unlink(missing_ok=True)


def retire(directory: Path) -> Path:
    """Move the directory out of the way at once, so that no lane finds half of it; return where it is until it is
    removed."""
    retired = directory.with_name(f"{directory.name}{RETIRED}")
    if retired.exists():
        shutil.rmtree(retired)
    return directory.rename(retired)


def _mark(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.outdated")
