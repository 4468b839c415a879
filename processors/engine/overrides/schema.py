"""How a chunk passes Faust's stream: as it is."""

from typing import Any

from faust import Schema
from faust.types import AppT, Message


class ChunkSchema(Schema):
    """Hands the chunk to the agent without decoding keys or values."""

    def compile(self, app: AppT, **_: Any) -> Any:
        """A decoder from message to event, as Faust's schemas make one."""

        async def decode(message: Message, *, propagate: bool = False) -> Any:  # noqa: ARG001 - Faust's signature
            return app.create_event(None, message.value, None, message)

        return decode
