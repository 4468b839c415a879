"""What a record says of itself, as text: its place, its raw record, its headers."""

from bridge.kafka.reading import Record
from schemas import headers as header
from schemas.routing import order_id_in


def place_of(record: Record) -> str:
    """`<partition>:<offset>`."""
    return f"{record.partition}:{record.offset}"


def raw_of(record: Record) -> str | None:
    """Where the raw record lies that it was made from; None: it does not say."""
    return text_of(dict(record.headers).get(header.SOURCE))


def order_of(record: Record) -> str | None:
    """The order that its event belongs to; None: to none, as a blind return, or it is no event. Its key does not tell:
    that of an event of no order is another id, or its name."""
    return order_id_in(record.value or b"")


def text_of(value: bytes | None) -> str | None:
    """Of a header or a key, of which others may have written any bytes, or none."""
    return None if value is None else value.decode("utf-8", "backslashreplace")
