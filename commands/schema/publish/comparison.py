"""Differences between the published files and those that would be published now."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from commands.schema.publish.files import ASYNCAPI, Files
from commands.schema.publish.reader_files import FOLDER
from commands.schema.publish.schema_difference import Difference, Effect, schema_differences
from commands.schema.publish.topic_difference import topic_differences
from schemas.cloud_events import schema_urn

_TYPE_NAMES: Final = frozenset({"title"})
"""In the reader's profile titles count, because generators name types after them."""


class NotOursError(ValueError):
    """The name of a published file that the bridge did not write so, for example one with a merge's marks in it."""


def differences(old: Files, new: Files) -> list[Difference]:
    """Every difference, breaking ones first. A file that differs has at least one. NotOursError: an old file cannot be
    compared."""
    order = list(Effect)
    return sorted(_all(old, new), key=lambda found: (order.index(found.effect), found.file))


def _all(old: Files, new: Files) -> Iterator[Difference]:
    for name, text in old.items():
        if name not in new:
            yield Difference(Effect.BREAKING, name, "", "removed")
        elif text != new[name]:
            yield from _compared(name, text, new[name])
    for name in sorted(new.keys() - old.keys()):
        yield Difference(Effect.COMPATIBLE, name, "", "new")


def _compared(name: str, old: str, new: str) -> list[Difference]:
    ours = orjson.loads(new)
    try:
        return _file(name, orjson.loads(old), ours)
    except (ValueError, AttributeError, KeyError, TypeError):  # not JSON, or not of the expected shape
        raise NotOursError(name) from None


def _file(name: str, old: Any, new: Any) -> list[Difference]:
    if Path(name).name == ASYNCAPI:
        found = topic_differences(name, old, new)
    else:
        found = schema_differences(name, old, new, firm=_TYPE_NAMES if _is_for_readers(old) else frozenset())
    # What no comparison looks at (operations, summaries, layout) only explains and promises nothing.
    return found or [Difference(Effect.DOCS_ONLY, name, "", "changed in what only explains")]


def _is_for_readers(schema: Any) -> bool:
    """Told by its id, because a profile exported alone is not in a folder of its own."""
    return str(schema.get("$id")).startswith(schema_urn(f"{FOLDER}/"))


def stale(folder: str, old: Files, new: Files) -> list[Difference]:
    """Pages and contracts that differ from what would be written now. They only explain schemas and topics."""
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return [Difference(Effect.DOCS_ONLY, f"{folder}/{name}", "", "changed") for name in names]


def breaking(found: Iterable[Difference]) -> list[Difference]:
    """The differences that would break a reader."""
    return [each for each in found if each.effect is Effect.BREAKING]
