"""Keep the latest state of every order in SQLite: `python order_view.py order-view.sqlite`.

Records and the position behind them are written in one transaction. So whatever ends this process, the view is exactly
that of its positions, and the next start goes on from there. It runs until it is stopped, in whatever way.
"""

import os
import sqlite3
import sys
import time
from contextlib import closing, suppress

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

TOPIC = f"{os.environ.get('BRIDGE_TOPIC_PREFIX', 'newstore')}.order-state.v1"
CONFIG = {
    "bootstrap.servers": os.environ.get("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
    "group.id": "order-view",  # this client wants one; it is never joined, and nothing is committed to it
    "enable.auto.commit": False,
    "isolation.level": "read_committed",  # otherwise states that were aborted get into the view
    "enable.partition.eof": True,  # news of each end that is reached; it may lie behind a transaction marker
    "auto.offset.reset": "error",  # a position that Kafka does not have must not silently become another one
}
SCHEMA = """
PRAGMA journal_mode = WAL;  -- others may read while this process writes
-- An order is in one partition, until the topic gets more of them: then its deletion from the old one may be read last.
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT, partition INTEGER, state TEXT NOT NULL, PRIMARY KEY (order_id, partition)
);
CREATE TABLE IF NOT EXISTS positions (partition INTEGER PRIMARY KEY, next_offset INTEGER, at_end REAL);
"""
LONGEST_ABSENCE = 6 * 24 * 3600
"""Seconds. Kafka forgets that an order was deleted after 7 days: who comes back later would keep it for ever."""


def main(store: str) -> None:
    """Follow the topic; `store` is SQLite's file."""
    with closing(sqlite3.connect(store)) as view, closing(Consumer(CONFIG)) as consumer:
        view.executescript(SCHEMA)
        consumer.assign(starts(view, partitions(consumer)))
        follow(view, consumer)


def partitions(consumer: Consumer) -> list[int]:
    """All partitions of the topic."""
    topic = consumer.list_topics(TOPIC, timeout=30).topics[TOPIC]
    if topic.error is not None:
        raise KafkaException(topic.error)
    return sorted(topic.partitions)


def starts(view: sqlite3.Connection, known: list[int]) -> list[TopicPartition]:
    """Where to go on; a view that has not been at the end for too long begins anew."""
    now = time.time()
    with view:
        if view.execute("SELECT 1 FROM positions WHERE at_end < ?", [now - LONGEST_ABSENCE]).fetchone():
            view.execute("DELETE FROM orders")
            view.execute("DELETE FROM positions")
        new = [(partition, OFFSET_BEGINNING, now) for partition in known]
        view.executemany("INSERT OR IGNORE INTO positions VALUES (?, ?, ?)", new)
    return [TopicPartition(TOPIC, *row) for row in view.execute("SELECT partition, next_offset FROM positions")]


def follow(view: sqlite3.Connection, consumer: Consumer) -> None:
    """Take what comes, for ever, and say so once everything that was there has been read."""
    behind, records = {start.partition for start in consumer.assignment()}, 0
    while True:
        messages = consumer.consume(500, timeout=0.5)
        with view:  # one transaction
            ends = {message.partition() for message in messages if reaches_end(view, message)}
        records += sum(message.error() is None for message in messages)
        if behind and not (behind := behind - ends):
            (orders,) = view.execute("SELECT count(*) FROM orders").fetchone()
            print(f"caught up: {orders} orders, {records} records read")


def reaches_end(view: sqlite3.Connection, message: Message) -> bool:
    """Take over one record, or the news that its partition has no more of them."""
    error = message.error()
    if error is None:
        take_over(view, message)
    elif error.code() == KafkaError._PARTITION_EOF:
        end = (message.offset(), time.time(), message.partition())
        view.execute("UPDATE positions SET next_offset = ?, at_end = ? WHERE partition = ?", end)
        return True
    elif error.fatal() or error.code() == KafkaError._AUTO_OFFSET_RESET:
        raise KafkaException(error)
    return False  # other errors are news of brokers, and the client looks for those by itself


def take_over(view: sqlite3.Connection, message: Message) -> None:
    """The order's new state, or its deletion. The JSON stays as it is: exact, with whatever fields are yet to come."""
    order = (message.key().decode(), message.partition())
    if message.value() is None:
        view.execute("DELETE FROM orders WHERE order_id = ? AND partition = ?", order)
    else:
        view.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", [*order, message.value().decode()])
    behind_it = (message.offset() + 1, message.partition())
    view.execute("UPDATE positions SET next_offset = ? WHERE partition = ?", behind_it)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(sys.argv[1])
