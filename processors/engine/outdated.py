"""Directories of tables that nobody has used for so long that Kafka may have dropped what was deleted meanwhile.

A changelog keeps a deletion for a week. Rows of a directory that was away for longer may be ones that everybody else
has forgotten since, erased orders among them, and nothing would ever delete them. Such a directory is read anew. Not so
where rows go by age alone: there the changelog may lack what it has; see ``Expiry.epoch``.
"""

import logging
import os
import shutil
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

RETIRED: Final = ".removed"
"""Behind the name of a directory that nobody needs any more; see ``leftovers.py``."""
LONGEST_S: Final = 6 * 86_400.0
"""A day less than ``delete.retention.ms`` of the changelogs."""


def is_outdated(directory: Path, now: float) -> bool:
    """Whether it may lack deletions at ``now`` (seconds since 1970). Its own time says when it had all of its changelog
    last: it is touched every minute where a lane runs. To be asked before it is opened, and the answer is kept beside
    it: whoever opens it may end at once."""
    mark = _mark(directory)
    if not directory.exists():
        mark.unlink(missing_ok=True)
        return False
    if now - directory.stat().st_mtime > LONGEST_S:
        mark.touch()
    return mark.exists()


def last_use(directory: Path, now: float) -> float:
    """Seconds since 1970; ``now`` of one that is to be made."""
    return directory.stat().st_mtime if directory.exists() else now


def touch(directory: Path, now: float) -> None:
    """It is in use at ``now``, which hides nothing: the process may have been frozen until a moment ago."""
    is_outdated(directory, now)
    set_last_use(directory, now)


def set_last_use(directory: Path, at: float) -> None:
    """Where the directory is somebody else's, as on a volume that was restored by another user, it stays as it is."""
    try:
        os.utime(directory, (at, at))
    except PermissionError as error:
        log.warning("when %s was used last is not kept, so it may be read anew without need: %s", directory, error)


def unmark(directory: Path) -> None:
    """What is there now is another one."""
    _mark(directory).unlink(missing_ok=True)


def retire(directory: Path) -> Path:
    """Out of the way at once, so that no lane finds half of it; returns where it is, until it is removed."""
    retired = directory.with_name(f"{directory.name}{RETIRED}")
    if retired.exists():
        shutil.rmtree(retired)
    return directory.rename(retired)


def _mark(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.outdated")
