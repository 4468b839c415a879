"""What to do about what a service says of itself in `/readyz?verbose`."""

from collections.abc import Mapping
from typing import Final

_HALTED: Final = " halted"
_FULL: Final = "No space left on device"
_BY_CHECK: Final[Mapping[str, str]] = {
    "topics": "run `bridge topics apply`",
    "rules": "run `bridge topics check`",
    "group": "read the worker's log; `bridge doctor` looks for a missing ACL",
    "tenant": "if all events are of it: correct BRIDGE_TENANT for all services and restart them, then"
    " `bridge quarantine replay --all --reason other_tenant`; if only some: have that integration's URL changed",
    "topic_settings": "run `bridge topics apply`, or list them in BRIDGE_TOLERATED_TOPIC_SETTINGS",
    "keys": "make keys by `openssl rand -hex 32`",
}


def remedy(check: str, what: str) -> str | None:
    """For what a check says; None: the words themselves are all there is."""
    if _FULL in what:
        return "make space on the disk of BRIDGE_WORKER_DATA_DIR: it then goes on by itself"
    if check == "lanes":
        if _HALTED in what:
            return "the worker's log says why it halted; docs/engine.md#when-a-lane-halts says what to do"
        return "wait while tables are read; if it lasts, read the worker's log"
    return _BY_CHECK.get(check)


def causes(problems: Mapping[str, str]) -> Mapping[str, str]:
    """Of what a service says, by check: what does not follow from something else in it."""
    return {"kafka": problems["kafka"]} if "kafka" in problems else problems
