"""How often events were delivered, as dedupe counted it. The owners of the raw partitions are asked."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlencode

from bridge.boottime import boottime
from bridge.http.bounds import TARGET_BYTES
from bridge.kafka.partitioner import partition_for
from processors.dedupe.redeliveries import delivered
from processors.worker.queries.answer import Answer, Progress, found, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.owners import AwayError, Here, Owners
from processors.worker.queries.peers import Peers
from schemas.instant import rfc3339_millis
from schemas.text import percent_encode

MOST: Final = 100
"""Events in one question: each takes up to four look-ups."""
_QUERY_BYTES: Final = TARGET_BYTES - 1024
"""Size of a query to another worker, which refuses targets of more than `TARGET_BYTES`: an id may take kilobytes."""

_EVENT_ROW: Final = re.compile(r"[A-Za-z0-9._~%:/-]*")
"""Characters in the keys of events' rows. The table also has rows of other kinds, and of the engine."""


def id_of(tenant: str, event: str, key: str, payload_hash: str) -> str:
    """The id of an event for `Deliveries`: the `ce_id` of its cleaned record, then `~` and the payload's hash. `event`
    and `key` are as facts have them."""
    return f"{percent_encode(tenant)}/{percent_encode(event)}/{key}~{payload_hash}"


class Deliveries:
    """Answers from what the owners of the raw partitions know; `owners` are those of the table "seen"."""

    def __init__(self, owners: Owners, peers: Peers, tenant: str) -> None:
        self._owners, self._peers = owners, peers
        self._tenant = percent_encode(tenant)

    async def seen(self, ids: Sequence[str], caller: Caller, *, forwarded: bool = False) -> Answer:
        """`{"events": [{"id", "deliveries", "first_received_at", "last_received_at"}]}`, in the order of `ids`, at most
        `MOST`; nulls for events that were not seen, or are forgotten. `deliveries` counts the first one, too."""
        if not 0 < len(ids) <= MOST:
            return problem(400, f"From 1 to {MOST} ids can be asked for")
        started = boottime()
        answers = await self._ask(ids, caller, forwarded=forwarded)
        try:
            self._owners.require_fresh(started)
        except AwayError as error:
            return _away(error)
        for answer in answers:
            if answer.status != 200:
                return answer
        entries = _by_id(answers)
        applied = {partition: offset for answer in answers for partition, offset in (answer.applied or {}).items()}
        return found({"events": [entries[each] for each in ids]}, Progress(applied, {}))

    async def known(self, ids: Sequence[str], caller: Caller) -> Mapping[str, Mapping[str, Any]]:
        """What can be found out about any number of events, by id. Events of owners that are away are left out."""
        answers = await self._ask(ids, caller, forwarded=False)
        return _by_id([answer for answer in answers if answer.status == 200])

    async def _ask(self, ids: Sequence[str], caller: Caller, *, forwarded: bool) -> Sequence[Answer]:
        """Each owner's answers, or a 503 that says why there is none."""
        here: dict[int, tuple[Here, list[str]]] = {}
        there: dict[str, list[str]] = {}
        away: list[Answer] = []
        for each in dict.fromkeys(ids):
            partition = partition_for(_event_of(each).encode(), self._owners.partitions)
            try:
                if (place := self._owners.here(partition)) is not None:
                    here.setdefault(partition, (place, []))[1].append(each)
                else:
                    owner = self._owners.elsewhere(partition, asked_by_one=forwarded)
                    there.setdefault(owner, []).append(each)
            except AwayError as error:
                away.append(_away(error))
        own = [self._own(place, asked) for place, asked in here.values()]
        theirs = (self._of(url, query, caller) for url, asked in there.items() for query in _queries(asked))
        return [*away, *own, *await asyncio.gather(*theirs)]

    def _own(self, place: Here, ids: Sequence[str]) -> Answer:
        try:
            entries = [self._entry(place, each) for each in ids]
        except AwayError as error:
            return _away(error)
        applied = {str(place.partition): place.read_to - 1} if place.read_to > 0 else {}
        return found({"events": entries}, Progress(applied, {}))

    async def _of(self, worker: str, query: str, caller: Caller) -> Answer:
        try:
            return await self._peers.ask(worker, f"/seen?{query}", caller)
        except AwayError as error:
            return _away(error)

    def _entry(self, place: Here, event_id: str) -> dict[str, Any]:
        tenant, _, rest = event_id.partition("/")
        is_event = tenant == self._tenant and _EVENT_ROW.fullmatch(rest)
        known = delivered(place.table.get_many, rest.encode()) if is_event else None
        if known is None:
            return {"id": event_id, "deliveries": None, "first_received_at": None, "last_received_at": None}
        first, again = known
        times, last_ms = (again.times, max(first.timestamp, again.last_received_ms)) if again else (0, first.timestamp)
        return {
            "id": event_id,
            "deliveries": 1 + times,
            "first_received_at": rfc3339_millis(first.timestamp),
            "last_received_at": rfc3339_millis(last_ms),
        }


def _away(error: AwayError) -> Answer:
    return error.answer("Deliveries cannot be looked up now")


def told(entry: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a timeline shows of an event's deliveries; `entry` None: nothing is known of them."""
    return {name: None if entry is None else entry[name] for name in ("deliveries", "last_received_at")}


def _queries(ids: Sequence[str]) -> Iterator[str]:
    """Query strings that together ask for these ids, as few as the limits allow."""
    query, count = "", 0
    for each in ids:
        parameter = urlencode({"id": each})
        if count == MOST or (query and len(query) + len(parameter) >= _QUERY_BYTES):
            yield query
            query, count = "", 0
        query, count = f"{query}&{parameter}" if query else parameter, count + 1
    yield query


def _event_of(event_id: str) -> str:
    return unquote(event_id.split("/")[1]) if event_id.count("/") > 1 else ""


def _by_id(answers: Sequence[Answer]) -> dict[str, Mapping[str, Any]]:
    return {entry["id"]: entry for answer in answers for entry in answer.body["events"]}
