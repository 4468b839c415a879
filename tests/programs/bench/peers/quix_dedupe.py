"""Dedupe as one would write it with Quix Streams, exactly once: `quix_dedupe.py BOOTSTRAP PREFIX CODEC`."""

import struct
import sys
from typing import Any

from quixstreams import Application, State
from quixstreams.context import message_context

_HEAD = struct.Struct(">BIqq")
_AGGREGATES = {
    "inventory_transaction": "inventory",
    "inventory_count": "inventory",
    "customer": "customers",
    "employee": "employees",
    "cash_drawer": "cash-drawers",
    "gift_card": "gift-cards",
}


def main(servers: str, prefix: str, codec: str) -> None:
    """Run until a signal comes."""
    app = Application(
        broker_address=servers,
        consumer_group=f"{prefix}.peer",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        state_dir="state",
        producer_extra_config={"compression.type": codec},
        loglevel="WARNING",
    )
    bytes_ = {"key_serializer": "bytes", "value_serializer": "bytes"}
    cleaned = {entity: app.topic(f"{prefix}.{aggregate}.v1", **bytes_) for entity, aggregate in _AGGREGATES.items()}
    raw = app.topic(f"{prefix}.raw.v1", key_deserializer="bytes", value_deserializer="bytes")

    def is_new(_value: bytes, _key: bytes, timestamp: int, headers: Any, state: State) -> bool:
        found, at = dict(headers), message_context()
        key = found["ce_id"].partition(b"/")[2].decode()
        first = state.get_bytes(key)
        if first is not None and first[_HEAD.size :] == found["bridge_payload_hash"]:
            return False
        state.set_bytes(key, _HEAD.pack(1, at.partition, at.offset, timestamp) + found["bridge_payload_hash"])
        return True

    entity_key = b""  # to_topic's `key` gets the value alone; records are handled one after the other

    def with_source(_value: bytes, _key: bytes, _timestamp: int, headers: Any) -> list[tuple[str, bytes]]:
        nonlocal entity_key
        found, at = dict(headers), message_context()
        entity_key = found["bridge_entity_key"]
        source = b"%d:%d" % (at.partition, at.offset)
        schema = b"urn:newstore:" + found["ce_type"]
        about = [("ce_dataschema", schema), ("ce_subject", entity_key)]
        return [*headers, ("bridge_source", source), ("ce_bridgesource", source), *about]

    stream = app.dataframe(raw).filter(is_new, stateful=True, metadata=True).set_headers(with_source)
    stream.to_topic(
        lambda _value, _key, _timestamp, headers: cleaned[dict(headers)["ce_type"].partition(b".")[0].decode()],
        key=lambda _value: entity_key,
    )
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
