"""An ingress under costly bodies, and a worker behind it, each with the memory that its manifest gives it.

`python -m tests.programs.bench.bodies` shows how honest callers fare meanwhile, and how much memory it takes.
"""

import argparse
import itertools
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from rich.console import Console
from rich.table import Table

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from deploy.local.service import WORKPLACE
from schemas.headers import raw_headers
from schemas.identity import Identity
from tests.integration.waiting import wait_until
from tests.programs.bench.callers import Honest, Sender
from tests.programs.bench.costly_bodies import PIECES, beyond, different_numbers, noise, ordinary, within
from tests.programs.bench.deployment import Metrics, deployed
from tests.programs.bench.limited import Process, sampling

_MIB: Final = 768
_LARGE, _MEDIUM = 8_000_000, 1 << 20

Attack = Callable[["Sender"], None]


# -- attacks ------------------------------------------------------------------------------------------------


def quiet(_sender: Sender) -> None:
    """Nobody else."""
    time.sleep(10)


def one_after_the_other(sender: Sender) -> None:
    """40 of 8 MB, one after the other."""
    for name, _ in zip(itertools.cycle(PIECES), range(40), strict=False):
        sender.post(within(name, _LARGE, next(sender.numbers)))


def eight_at_once(sender: Sender) -> None:
    """8 of 8 MB at once, three times."""
    for _ in range(3):
        names = itertools.islice(itertools.cycle(PIECES), 7)
        bodies = [within(name, _LARGE, next(sender.numbers)) for name in names]
        sender.together([*bodies, different_numbers(_LARGE, next(sender.numbers))])


def beyond_the_bound(sender: Sender) -> None:
    """16 of 8 MB with more structure than is read, eight at once."""
    for _ in range(2):
        names = itertools.islice(itertools.cycle(PIECES), 8)
        sender.together([beyond(name, _LARGE, next(sender.numbers)) for name in names])


def two_senders(sender: Sender) -> None:
    """Two senders for 20 s, one of 1 MiB and one of 8 MB each time."""
    until = time.monotonic() + 20

    def send(size: int) -> None:
        for name in itertools.cycle(PIECES):
            if time.monotonic() > until:
                return
            sender.post(within(name, size, next(sender.numbers)))

    threads = [threading.Thread(target=send, args=[size], daemon=True) for size in (_MEDIUM, _LARGE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def cheap_ones(sender: Sender) -> None:
    """Two senders for 10 s, of the costliest that are parsed on the event loop."""
    until = time.monotonic() + 10

    def send(size: int, make: Callable[[str, int, int], bytes]) -> None:
        for name in itertools.cycle(PIECES):
            if time.monotonic() > until:
                return
            sender.post(make(name, size, next(sender.numbers)))

    threads = [
        threading.Thread(target=send, args=[32 * 1024, beyond], daemon=True),
        threading.Thread(target=send, args=[64 * 1024, within], daemon=True),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def refused(sender: Sender) -> None:
    """200 that Kafka refuses."""
    for _ in range(200):
        sender.post(noise(2 << 20, next(sender.numbers)))


def odd_encodings(sender: Sender) -> None:
    """200 with a Content-Encoding of 60 kB."""
    for _ in range(200):
        sender.post(ordinary(next(sender.numbers)), **{"Content-Encoding": "a" * 60_000})


def a_minute_later(_sender: Sender) -> None:
    """A minute later."""
    time.sleep(60)


_ATTACKS: Final[Sequence[Attack]] = (
    quiet,
    one_after_the_other,
    eight_at_once,
    beyond_the_bound,
    two_senders,
    cheap_ones,
    refused,
    odd_encodings,
    a_minute_later,
)


def attack_ingress(settings: Settings, mib: int) -> Iterator[list[str]]:
    """A row for each attack."""
    process = Process("ingress", settings.ingress_port, mib)
    sender = Sender(settings.ingress_port)
    try:
        for attack in _ATTACKS:
            if attack is refused:
                _largest_message(settings, 1 << 20)
            sender.answers.clear()
            honest = Honest(settings.ingress_port)
            with sampling(process) as samples, honest.calling():
                attack(sender)
            if attack is refused:
                _largest_message(settings, settings.max_message_bytes)
            yield [
                attack.__doc__ or "",
                _counted(sender.answers),
                _counted(honest.answers),
                *(f"{honest.percentile_ms(share):,.0f}" for share in (0.5, 0.99, 1.0)),
                f"{max(samples):,.0f}",
                f"{process.rss_mib:,.0f}",
                process.state(),
            ]
    finally:
        process.end()


def _counted(answers: Counter[int | str]) -> str:
    return " ".join(f"{count:,}x {status}" for status, count in sorted(answers.items(), key=str))


def _largest_message(settings: Settings, size: int) -> None:
    admin = AdminClient({"bootstrap.servers": ",".join(settings.kafka_bootstrap_servers)})
    topic = ConfigResource(ResourceType.TOPIC, settings.topics.raw)
    topic.add_incremental_config(
        ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    )
    for altered in admin.incremental_alter_configs([topic]).values():
        altered.result()
    time.sleep(2)  # the broker learns of it after its answer


def preload_accepted_before(settings: Settings, count: int) -> int:
    """Write such bodies to raw, as an ingress did before the bound existed; return how many."""
    servers = ",".join(settings.kafka_bootstrap_servers)
    producer = Producer({"bootstrap.servers": servers, "message.max.bytes": settings.max_message_bytes})
    name = "order.created"
    for number, piece in zip(range(count), itertools.cycle(PIECES), strict=False):
        ce_id = f"{settings.tenant}/{name}/old-{number}"
        identity = Identity(settings.tenant, name, ce_id, "v1:" + "0" * 32, "2026-01-01T00:00:00Z", "old")
        version = settings.key_table.version(name)
        headers = raw_headers(identity, rules=version, received_at_ms=time.time_ns() // 10**6, traceparent=None)
        body = beyond(piece, _LARGE, number)
        partition = partition_for(name.encode(), settings.partitions)
        producer.produce(settings.topics.raw, body, name.encode(), partition, headers=headers)
        producer.flush()
    return count


def _raw_records(settings: Settings) -> int:
    topic = settings.topics.raw
    partitions = [TopicPartition(topic, partition) for partition in range(settings.partitions)]
    consumer = Consumer({"bootstrap.servers": ",".join(settings.kafka_bootstrap_servers), "group.id": "none"})
    try:
        return sum(consumer.get_watermark_offsets(partition, timeout=10)[1] for partition in partitions)
    finally:
        consumer.close()


def drain(settings: Settings, mib: int) -> list[str]:
    """Let a worker process all that was accepted; return its row."""
    before = preload_accepted_before(settings, 10)
    count = _raw_records(settings)
    os.environ["BRIDGE_WORKER_DATA_DIR"] = str(WORKPLACE / f"bodies-{settings.topic_prefix}")
    process = Process("worker", settings.worker_web_port, mib)
    started = time.monotonic()

    def is_done() -> bool:
        seen = Metrics(settings.worker_web_port)
        return seen.sum("bridge_events_total") >= count and not seen.sum("bridge_consumer_lag_events")

    try:
        with sampling(process) as samples:
            wait_until("it gets through", is_done, process.state, seconds=600)
        took = time.monotonic() - started
        put_aside = Metrics(settings.worker_web_port).sum("bridge_events_total", 'outcome="quarantined"')
        return [
            f"the worker drains it, and {before} accepted before",
            f"{count:,} events",
            f"{put_aside:,.0f} quarantined, {took:,.0f} s",
            *("", "", ""),
            f"{max(samples):,.0f}",
            f"{process.rss_mib:,.0f}",
            process.state(),
        ]
    finally:
        process.end()


def main() -> int:
    """Print the table; exit code 2 if this machine lacks something."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.bodies", description=__doc__)
    parser.add_argument("--mib", type=int, default=_MIB, help=f"of memory for each service; {_MIB}")
    asked = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
    columns = ("attack", "answers", "to honest callers", "p50 ms", "p99", "most", "peak RSS, MiB", "then", "process")
    table = Table(*columns, box=None)
    WORKPLACE.mkdir(exist_ok=True)
    try:
        with LocalKafka() as kafka, deployed(kafka.bootstrap_servers) as settings:
            for row in attack_ingress(settings, asked.mib):
                table.add_row(*row)
            table.add_row(*drain(settings, asked.mib))
    except BrokenEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
