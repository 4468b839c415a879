"""What differs between the published files and those that would be published now."""

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
"""In the reader's profile: code is generated with them."""


class NotOursError(ValueError):
    """A published file, by its name, that the bridge has not written so: as where a merge has left its marks."""


def differences(old: Files, new: Files) -> list[Difference]:
    """Every difference, the breaking ones first; a file that differs has at least one. NotOursError: an old one
    cannot be compared."""
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
    except (ValueError, AttributeError, KeyError, TypeError):  # no JSON, or not of the shape that is looked into
        raise NotOursError(name) from None


def _file(name: str, old: Any, new: Any) -> list[Difference]:
    if Path(name).name == ASYNCAPI:
        found = topic_differences(name, old, new)
    else:
        found = schema_differences(name, old, new, firm=_TYPE_NAMES if _is_for_readers(old) else frozenset())
    # What no comparison looks at (operations, summaries, the layout) explains, and promises nothing.
    return found or [Difference(Effect.DOCS_ONLY, name, "", "changed in what only explains")]


def _is_for_readers(schema: Any) -> bool:
    """By its id: a profile that was exported alone is in no folder of its own."""
    return str(schema.get("$id")).startswith(schema_urn(f"{FOLDER}/"))


def stale(folder: str, old: Files, new: Files) -> list[Difference]:
    """Pages and contracts that are not what they would be now: they say what schemas and topics are."""
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return [Difference(Effect.DOCS_ONLY, f"{folder}/{name}", "", "changed") for name in names]


def breaking(found: Iterable[Difference]) -> list[Difference]:
    """Those that would break a reader."""
    return [each for each in found if each.effect is Effect.BREAKING]
