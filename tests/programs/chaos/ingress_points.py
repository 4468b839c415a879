"""Named points at which an ingress may be killed or frozen, put into its process from outside.

`BRIDGE_TEST_FAULT=<point>:<signal>:<nth>` as for the worker's points (`processors/engine/crash.py`). At `received`,
Kafka has nothing of the delivery; at `stored` it has, and nobody was told.
"""

from unittest.mock import patch

from bridge.intake import NewRecord
from ingress.writer import Writer
from processors.engine.crash import crash_point


def set_up() -> None:
    """Put the points in for the rest of the process."""
    append = Writer.append

    async def watched(self: Writer, record: NewRecord) -> None:
        crash_point("received")
        await append(self, record)
        crash_point("stored")

    patch.object(Writer, "append", watched).start()
