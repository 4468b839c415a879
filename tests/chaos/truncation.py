"""The end of a log taken away, as a disk loses what was never written to it: on the files of a broker that is down."""

from pathlib import Path


def cut_end(broker: Path, topic: str, partition: int, size: int) -> None:
    """So many bytes off the end of the newest segment, or all that it has. The broker finds a batch that is not whole,
    and ends its log before it."""
    newest = max((broker / "log" / f"{topic}-{partition}").glob("*.log"))
    with newest.open("r+b") as log:
        log.truncate(max(0, newest.stat().st_size - size))
