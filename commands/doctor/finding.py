"""The result of one check, and what to do about it. Pure."""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """The state of a finding; only `wrong` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It could not be checked; the finding says why."""


class Finding(NamedTuple):
    """`check`: what was checked; `what`: a sentence without its full stop; `remedies`: commands, settings or advice."""

    check: str
    state: State
    what: str
    remedies: tuple[str, ...] = ()


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, what)


def warning(check: str, what: str, *remedies: str) -> Finding:
    """It works, but somebody should look at it."""
    return Finding(check, State.WARNING, what, remedies)


def wrong(check: str, what: str, *remedies: str) -> Finding:
    """It does not work."""
    return Finding(check, State.WRONG, what, remedies)


def unknown(check: str, why: str) -> Finding:
    """It could not be checked."""
    return Finding(check, State.UNKNOWN, why)


def told(check: str, sentence: str) -> Finding:
    """A failure, from a sentence that ends with a colon and a remedy, as the bridge's sentences do."""
    what, _, remedy = sentence.rstrip(".").rpartition(": ")
    return wrong(check, what, remedy) if what else wrong(check, sentence.rstrip("."))
