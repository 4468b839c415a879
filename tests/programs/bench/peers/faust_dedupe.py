"""Dedupe as Faust's documentation has it, with a table and `send`: `PEER='BOOTSTRAP PREFIX CODEC'` and `faust_dedupe.py
worker`. It is not exactly once, and does not say so."""

import os
import struct
from typing import Any

import faust

_HEAD = struct.Struct(">BIqq")
_AGGREGATES = {
    "inventory_transaction": "inventory",
    "inventory_count": "inventory",
    "customer": "customers",
    "employee": "employees",
    "cash_drawer": "cash-drawers",
    "gift_card": "gift-cards",
}

servers, prefix, codec = os.environ["PEER"].split()
app = faust.App(
    f"{prefix}.peer",
    broker=f"aiokafka://{servers}",
    store="rocksdb://",
    value_serializer="raw",
    key_serializer="raw",
    producer_compression_type=codec,
    topic_partitions=8,
    topic_replication_factor=1,
    consumer_auto_offset_reset="earliest",
    topic_disable_leader=True,
)
raw = app.topic(f"{prefix}.raw.v1", key_type=bytes, value_type=bytes)
cleaned = {
    entity: app.topic(f"{prefix}.{aggregate}.v1", key_type=bytes, value_type=bytes)
    for entity, aggregate in _AGGREGATES.items()
}
seen = app.Table("seen", key_type=bytes, value_type=bytes)


@app.agent(raw)  # type: ignore[untyped-decorator]
async def dedupe(stream: Any) -> None:
    """Pass on what is new."""
    async for event in stream.events():
        headers, at = event.headers, event.message
        key, hash_ = headers["ce_id"].partition(b"/")[2], headers["bridge_payload_hash"]
        first = seen.get(key)
        if first is not None and first[_HEAD.size :] == hash_:
            continue
        seen[key] = _HEAD.pack(1, at.partition, at.offset, int(at.timestamp * 1000)) + hash_
        source = b"%d:%d" % (at.partition, at.offset)
        about = {"bridge_source": source, "ce_bridgesource": source, "ce_subject": headers["bridge_entity_key"]}
        schema = {"ce_dataschema": b"urn:newstore:" + headers["ce_type"]}
        topic = cleaned[headers["ce_type"].partition(b".")[0].decode()]
        await topic.send(
            key=headers["bridge_entity_key"],
            value=event.value,
            headers={**headers, **about, **schema},
            timestamp=at.timestamp,
        )


if __name__ == "__main__":
    app.main()
