"""What one look has found, and what to do about it. Pure."""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How a finding is: only `wrong` makes the examination fail."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It could not be looked at; the finding says why."""


class Finding(NamedTuple):
    """`check` is what was looked at, `what` a sentence without its full stop, `remedies` are commands or settings."""

    check: str
    state: State
    what: str
    remedies: tuple[str, ...] = ()


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, what)


def warning(check: str, what: str, *remedies: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(check, State.WARNING, what, remedies)


def wrong(check: str, what: str, *remedies: str) -> Finding:
    """It does not work like that."""
    return Finding(check, State.WRONG, what, remedies)


def unknown(check: str, why: str) -> Finding:
    """It could not be looked at."""
    return Finding(check, State.UNKNOWN, why)


def told(check: str, sentence: str) -> Finding:
    """A failure of which the sentence ends with its remedy, behind a colon, as the bridge's sentences do."""
    what, _, remedy = sentence.rstrip(".").rpartition(": ")
    return wrong(check, what, remedy) if what else wrong(check, sentence.rstrip("."))
