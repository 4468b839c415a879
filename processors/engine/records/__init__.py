"""Records as the engine reads and writes them: by its compiled codec if there is one, else by aiokafka's classes.

The codec leaves headers as they are on the wire: it looks them through for a few names, and carries them on whole.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

try:
    from processors.engine.records import compiled
except ImportError:  # no C compiler when the project was set up
    compiled = None  # type: ignore[assignment]

Headers = list[tuple[str, bytes]]

IS_COMPILED: Final = compiled is not None


class RecordHeaders(Protocol):
    """A record's headers, whichever codec has read them."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Names and values, in their order. A value may be None, whatever the type says."""


def values_of(record: RecordHeaders, names: tuple[str, ...]) -> tuple[bytes | None, ...]:
    """The value of the last header of each of these names; None: there is no such header, or it has no value."""
    if compiled is not None and type(record) is compiled.Record:
        return compiled.Record.find(record, names)
    found: dict[str, Any] = dict(record.headers)
    return tuple(found.get(name) for name in names)
