"""Let each event of the orders topic have its effect once: `python order_events.py order-events.sqlite`.

Kafka gives an event again if this process is killed between the effect and the commit of the offset. So the event's
`ce_id` goes into the database in one transaction with the effect, and an event that is there has no second effect.
"""

import json
import os
import signal
import sqlite3
import sys
from contextlib import closing, suppress
from decimal import Decimal

from confluent_kafka import Consumer, KafkaException, Message

TOPIC = f"{os.environ.get('BRIDGE_TOPIC_PREFIX', 'newstore')}.orders.v1"
CONFIG = {
    "bootstrap.servers": os.environ.get("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
    "group.id": os.environ.get("GROUP_ID", "order-events"),
    "isolation.level": "read_committed",  # otherwise events that were aborted have effects
    "auto.offset.reset": "earliest",  # a new group begins with the oldest event
    "enable.auto.offset.store": False,  # commits only what `store_offsets` names: events that had their effect
    "auto.commit.interval.ms": 1000,
}
if "GROUP_INSTANCE_ID" in os.environ:  # a lasting name: who comes back under it has its partitions at once
    CONFIG["group.instance.id"] = os.environ["GROUP_INSTANCE_ID"]
LARGEST = 10**12  # an amount that is larger, or infinite, is a mistake
SCHEMA = """
PRAGMA journal_mode = WAL;  -- others may read while this process writes
CREATE TABLE IF NOT EXISTS done (ce_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS set_aside (ce_id TEXT PRIMARY KEY, reason TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS turnover (currency TEXT PRIMARY KEY, amount TEXT NOT NULL);
"""


def main(store: str) -> None:
    """Process events until SIGTERM or Ctrl-C; `store` is SQLite's file."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with closing(sqlite3.connect(store)) as database, closing(Consumer(CONFIG)) as consumer:
        database.executescript(SCHEMA)
        consumer.subscribe([TOPIC])
        while True:
            process(database, consumer)


def process(database: sqlite3.Connection, consumer: Consumer) -> None:
    """Effects first, offsets afterwards: in the other order a kill in between would lose events."""
    events = [message for message in consumer.consume(500, timeout=0.5) if is_event(message)]
    with database:  # one transaction
        for event in events:
            apply_once(database, event)
    for event in events:
        consumer.store_offsets(event)


def is_event(message: Message) -> bool:
    """Errors that are not fatal are news of brokers, and the client looks for those by itself."""
    error = message.error()
    if error is not None and error.fatal():
        raise KafkaException(error)
    return error is None


def apply_once(database: sqlite3.Connection, event: Message) -> None:
    """Which event it is, the CloudEvents headers say."""
    headers = {name: value.decode() for name, value in event.headers()}
    ce_id, ce_type = headers["ce_id"], headers["ce_type"]
    is_new = database.execute("INSERT OR IGNORE INTO done VALUES (?)", [ce_id]).rowcount == 1
    print("new" if is_new else "again", ce_type, ce_id, headers.get("ce_time"))
    if not is_new:
        return
    reason = "conflict" if headers.get("bridge_conflict") == "true" else apply(database, ce_type, event.value())
    if reason is not None:
        # A conflict is another payload under a key that should be unique. Both are for a person, not for a sum.
        database.execute("INSERT INTO set_aside VALUES (?, ?, ?)", [ce_id, reason, event.value()])


def apply(database: sqlite3.Connection, event_type: str, body: bytes) -> str | None:
    """Your effect, here the turnover; what hinders it, if anything does. New types come without notice, and pass."""
    if event_type != "order.created":
        return None
    try:
        currency, amount = sale(body)
    except (KeyError, TypeError, ValueError, ArithmeticError) as problem:
        return repr(problem)
    row = database.execute("SELECT amount FROM turnover WHERE currency = ?", [currency]).fetchone()
    total = Decimal(row[0] if row else 0) + amount
    database.execute("INSERT OR REPLACE INTO turnover VALUES (?, ?)", [currency, str(total)])
    return None


def sale(body: bytes) -> tuple[str, Decimal]:
    """Raises for what no sum can take: the bridge checks nothing in the payload."""
    payload = json.loads(body, parse_float=Decimal)["payload"]  # exact: 19.99 is no binary fraction
    currency, amount = payload["currency"], Decimal(str(payload["grand_total"]))  # of a list it would make a number
    if not (isinstance(currency, str) and currency.isalpha() and abs(amount) < LARGEST):
        raise ValueError(f"no amount: {amount} of {currency!r}")
    return currency, amount


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(sys.argv[1])
