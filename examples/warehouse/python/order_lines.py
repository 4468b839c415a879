"""Bring a DuckDB file up to date with the order lines, time and again: `python order_lines.py shop.duckdb tables.sql`.

`tables.sql` is what `bridge schema ddl --for duckdb` prints. Rows and positions are written in one transaction:
whatever ends this process, the next one goes on from there, and nothing is read twice. A week after its last run begin
with a new file: by then Kafka has forgotten deletions.
"""

import json
import os
import sys
from pathlib import Path

import duckdb
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

TOPIC = f"{os.environ.get('BRIDGE_TOPIC_PREFIX', 'newstore')}.order-lines.v1"
CONFIG = {
    "bootstrap.servers": os.environ.get("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
    "group.id": "order-lines",  # this client wants one; nothing is committed to it
    "enable.auto.commit": False,
    "isolation.level": "read_committed",  # otherwise lines that were aborted get into the table
    "enable.partition.eof": True,
    "auto.offset.reset": "error",
}
file, tables = sys.argv[1:]
db, consumer = duckdb.connect(file), Consumer(CONFIG)
db.execute(Path(tables).read_text() + "CREATE TABLE IF NOT EXISTS positions (part INT PRIMARY KEY, next BIGINT)")
types = {name: type_ for name, type_, *_ in db.execute("DESCRIBE order_lines").fetchall()}
UPSERT = f"""INSERT INTO order_lines BY NAME SELECT unnest(from_json(?, '{json.dumps([types])}'), max_depth := 2)
    ON CONFLICT DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in [*types][2:-1])}"""
GONE = """DELETE FROM order_lines AS line USING (SELECT unnest(from_json(?,
        '[{"order_id":"VARCHAR","line_id":"VARCHAR","kafka_partition":"BIGINT"}]'), max_depth := 2)) AS gone WHERE
    (line.order_id, line.line_id, line.kafka_partition) = (gone.order_id, gone.line_id, gone.kafka_partition)"""

positions = dict(db.execute("SELECT part, next FROM positions").fetchall())
if (topic := consumer.list_topics(TOPIC, timeout=30).topics[TOPIC]).error is not None:
    raise KafkaException(topic.error)  # it is not there, or we may not read it
behind, read = set(topic.partitions), 0
consumer.assign([TopicPartition(TOPIC, part, positions.get(part, OFFSET_BEGINNING)) for part in behind])
while behind:
    last: dict[str, str | None] = {}
    for message in consumer.consume(5000, timeout=1):
        if message.error() is None:
            # Of a line that moved to another partition the deletion from the old one may be read last.
            begin, value = f'{{"kafka_partition":{message.partition()},', message.value()
            last[begin + message.key()[1:].decode()] = value and begin + value[1:].decode()
            read += 1
        elif message.error().code() == KafkaError._PARTITION_EOF:
            behind.discard(message.partition())
        else:
            raise KafkaException(message.error())
    db.begin()
    db.execute(UPSERT, [f"[{','.join(value for value in last.values() if value is not None)}]"])
    db.execute(GONE, [f"[{','.join(key for key, value in last.items() if value is None)}]"])
    for at in consumer.position(consumer.assignment()):
        if at.offset >= 0:
            db.execute("INSERT OR REPLACE INTO positions VALUES (?, ?)", [at.partition, at.offset])
    db.commit()
[(lines,)] = db.execute("SELECT count(*) FROM order_lines").fetchall()
print(f"read {read}, now {lines} lines")
