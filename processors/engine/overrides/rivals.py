"""Makes the group consumer's coordinator notice another process with its instance id, and leave it a turn."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from aiokafka.errors import UnknownMemberIdError
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest, SyncGroupRequest

from processors.engine.lanes import Lanes
from processors.engine.rival import Rival

log = logging.getLogger(__name__)

_FENCED_INSTANCE_ID: Final = 82
"""Kafka's error: another process has joined with the instance id. aiokafka does not know it, and the app would
crash."""
_RIVAL: Final = (
    "another process has the instance id %s and the address %s of this one: each takes all partitions from the other."
    " This one leaves them to it for %g s at a time; end one of both, or give it an instance id of its own"
)


class Member(Protocol):
    """The app, as far as its membership goes."""

    lanes: Lanes
    rival: Rival

    def is_member(self) -> bool:
        """Whether the group has heard of the app within the session timeout."""


def give_way(coordinator: Any, app: Member) -> None:
    """Have the coordinator notice a rival of ``app``, and join only after the rival's turn."""
    coordinator._send_req = noticing(coordinator, app, coordinator._send_req)
    coordinator._do_rejoin_group = _in_turn(coordinator, app, coordinator._do_rejoin_group)


def noticing(coordinator: Any, app: Member, send: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    """Wrap ``send``. If the group forgets a static member before its session has ended, another process has taken its
    place. A member that missed a rebalance is still known, by an older generation. A member that is fenced when it
    joins goes on as an unknown one, at the pace of heartbeats."""
    options = app.lanes.options

    async def notice(request: Any) -> Any:
        answer = await send(request)
        if options.instance_id is None:
            return answer
        if isinstance(request, HeartbeatRequest):
            if answer.error_code == UnknownMemberIdError.errno and app.is_member():
                _lose(app)
        elif isinstance(request, JoinGroupRequest | SyncGroupRequest) and answer.error_code == _FENCED_INSTANCE_ID:
            _lose(app)
            answer.error_code = UnknownMemberIdError.errno
            await asyncio.wait({coordinator._closing}, timeout=options.heartbeat_interval)
        return answer

    return notice


def _lose(app: Member) -> None:
    options = app.lanes.options
    if app.rival.took_over(options.clock()):
        log.error(_RIVAL, options.instance_id, options.advertised_url, options.session_timeout)


def _in_turn(
    coordinator: Any, app: Member, rejoin: Callable[[Any], Awaitable[bool]]
) -> Callable[[Any], Awaitable[bool]]:
    """Leave the rival its turn before ``rejoin``; by now the lanes are closed. aiokafka calls it until it has
    joined."""

    async def in_turn(subscription: Any) -> bool:
        if turn := app.rival.turn(app.lanes.options.clock()):
            await asyncio.wait({coordinator._closing}, timeout=turn)
            return False
        return await rejoin(subscription)

    return in_turn
