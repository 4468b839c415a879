"""Names of which there is a list: one that is not in it is refused, with those that are."""

import difflib
from collections.abc import Sequence

from bridge.printable import printable
from commands.wrong_use import WrongValueError


def known(text: str, kind: str, names: Sequence[str]) -> str:
    """Return `text`, which names a `kind` of thing. WrongValueError: it is none of `names`."""
    if text in names:
        return text
    raise WrongValueError(f"there is no {kind} {printable(text)}; known are {', '.join(names)}", near(text, names))


def near(text: str, names: Sequence[str]) -> str:
    """What may have been meant, as a hint; empty if nothing looks alike."""
    found = difflib.get_close_matches(text.lower(), names, 3)
    return f"did you mean {' or '.join(found)}?" if found else ""
