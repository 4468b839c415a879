"""What an order's row holds that raw no longer has. Pure."""

from collections.abc import Mapping

from bridge.kafka.reading import Source
from processors.dedupe.decision import Seen, row_key
from processors.orders.canonical import parts_of
from processors.orders.older_rows import load
from processors.orders.row import FIRST_VERSION, Row, StoredFact
from processors.orders.unprocessed import SOURCE
from schemas.instant import epoch_millis


def kept_row(row: bytes, raw_starts: Mapping[int, int]) -> Row | None:
    """The row, if retention has deleted raw records of its facts or of the events it lists as unprocessed; else None.
    `raw_starts`: first offsets of raw by partition.

    These facts and events stay as the old rules had them: new keys cannot be made without the body. Raw brings the
    others again, under the new rules.
    """
    order = load(row)
    order.unprocessed = [entry for entry in order.unprocessed if is_gone(entry[SOURCE], raw_starts)]
    if not (order.unprocessed or gone_facts(order, raw_starts)):
        return None
    if order.version != FIRST_VERSION:
        order.unread = [at for at, fact in enumerate(order.facts) if not is_gone(fact.source, raw_starts)]
    return order


def gone_facts(order: Row, raw_starts: Mapping[int, int]) -> list[StoredFact]:
    """The facts of a row whose raw records retention has deleted."""
    return [fact for fact in order.facts if is_gone(fact.source, raw_starts)]


def seen_row(fact: StoredFact) -> tuple[str, bytes, Seen]:
    """The event's name, and the key and content of the row of "seen" that the fact's record began. The key is by the
    rules of that time."""
    received_ms = epoch_millis(fact.received_at)
    _, event, key, payload_hash = parts_of(fact.place)
    row = Seen(*Source.parse(fact.source.encode()), received_ms, payload_hash.encode())
    return event, row_key(event, key), row


def is_gone(source: str, raw_starts: Mapping[int, int]) -> bool:
    """Whether raw no longer has this record (`<partition>:<offset>`)."""
    partition, _, offset = source.partition(":")
    return int(offset) < raw_starts.get(int(partition), 0)
