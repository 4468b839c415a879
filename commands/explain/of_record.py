"""A record's place, source and headers as text."""

from bridge.kafka.reading import Record
from schemas import headers as header
from schemas.routing import order_id_in


def place_of(record: Record) -> str:
    """`<partition>:<offset>`."""
    return f"{record.partition}:{record.offset}"


def raw_of(record: Record) -> str | None:
    """The place of the raw record from which it was made; None: it names none."""
    return text_of(dict(record.headers).get(header.SOURCE))


def order_of(record: Record) -> str | None:
    """The order to which its event belongs; None: to none, as a blind return, or it is no event. The key does not tell:
    an event of no order has another id or its name there."""
    return order_id_in(record.value or b"")


def text_of(value: bytes | None) -> str | None:
    """A header or a key as text. Others may have written any bytes, or none."""
    return None if value is None else value.decode("utf-8", "backslashreplace")
