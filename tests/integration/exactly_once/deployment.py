"""One deployment of the bridge: its topics on a real broker, its services as processes, and the final check."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from bridge.settings import Settings
from deploy.local.ports import free_ports
from processors.orders.beginning import BEGAN
from processors.orders.table import JUDGED_BY, ORDER
from processors.orders.unjudged import UNJUDGED
from tests.deployment import set_up
from tests.integration.exactly_once.command import Command
from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.load import Load
from tests.integration.exactly_once.process import Start, start_bare
from tests.integration.exactly_once.service import Service
from tests.integration.markers import wait_until_ended
from tests.integration.waiting import PATIENCE, pause_s, wait_until
from tests.programs.checker.check import Traces, counter_examples
from tests.programs.checker.losses import NOTHING, Shortfall
from tests.programs.checker.meaning import Meanings
from tests.programs.checker.names import DATASETS, ORDER_STATE, RAW, Names
from tests.programs.checker.progress import unfinished
from tests.programs.checker.reading import TopicReader
from tests.programs.checker.record import Record

PARTITIONS = 4
LANES = 2 * PARTITIONS  # of the raw and of the orders topic
KEY = "a-key"
BEARER = {"Authorization": f"Bearer {KEY}"}
SMALL = MappingProxyType(
    {
        "partitions": str(PARTITIONS),
        "session_timeout": "6s",  # the least that Kafka's default settings allow
        "transaction_timeout": "6s",
        "chunk_records": "100",  # many transactions for few events
    }
)
_TAIL = 40  # lines
_SHOWN = 30  # counter-examples


def wait_for_lanes(*workers: Service, seconds: float = PATIENCE, wanted: int = LANES) -> None:
    """Return once each worker has lanes, and the workers together have each of the ``wanted`` lanes exactly once."""

    def are_shared() -> bool:
        lanes = [worker.lanes() for worker in workers]
        return all(lanes) and sum(map(len, lanes)) == len(set().union(*lanes)) == wanted

    wait_until("all lanes are shared out", are_shared, lambda: [worker.lanes() for worker in workers], seconds)


def _variables(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"BRIDGE_{name.upper()}": value for name, value in settings.items()}


class Deployment:
    """``directory`` is for data and logs. ``close`` ends every process, whatever its state.

    ``settings`` are for every service, in place of those for small tests; they must have ``partitions``. ``start``
    starts the processes."""

    def __init__(
        self,
        bootstrap_servers: str,
        prefix: str,
        directory: Path,
        tenant: str = TENANT,
        replication: int = 1,
        settings: Mapping[str, str] = SMALL,
        start: Start = start_bare,
    ) -> None:
        self.names, self._directory, self._start_process = Names(prefix), directory, start
        self._environment = {
            "BRIDGE_TENANT": tenant,
            "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
            "BRIDGE_TOPIC_PREFIX": prefix,
            "BRIDGE_REPLICATION_FACTOR": str(replication),
            "BRIDGE_INGRESS_HOST": "127.0.0.1",
            "BRIDGE_INGRESS_API_KEYS": KEY,
            "BRIDGE_WORKER_WEB_HOST": "127.0.0.1",
            "BRIDGE_WORKER_API_KEYS": KEY,
            **_variables(settings),
        }
        self.settings = Settings(
            tenant=tenant,
            kafka_bootstrap_servers=bootstrap_servers,
            topic_prefix=prefix,
            partitions=int(settings["partitions"]),
            replication_factor=replication,
        )
        self.load = Load(self.settings, seed=1)
        self._reader = TopicReader(bootstrap_servers, self.names.group)
        self._services: list[Service] = []
        self._commands: list[Command] = []
        self._ports: dict[str, int] = {}
        asyncio.run(set_up(self.settings))

    # -- services -------------------------------------------------------------------------------------------

    def worker(self, name: str, wrapper: Sequence[str] = (), **settings: str) -> Service:
        """A worker process. It takes over data directory and address of an earlier one with its name."""
        environment = {"worker_data_dir": str(self.data_dir(name)), **settings}
        return self._start("worker", name, "worker_web_port", environment, wrapper)

    def ingress(self, name: str = "ingress", **settings: str) -> Service:
        """An ingress process. It takes over the address of an earlier one with its name."""
        return self._start("ingress", name, "ingress_port", settings)

    def command(self, *arguments: str, fault: str | None = None, **settings: str) -> Command:
        """A command as a process, with a transaction timeout of 60 s, unlike small tests. ``fault``: see
        `command_faults`."""
        faults = {} if fault is None else {"BRIDGE_TEST_COMMAND_FAULT": fault}
        given = {"worker_data_dir": str(self.data_dir("command")), "transaction_timeout": "60s", **settings}
        command = Command(self._environment | faults | _variables(given), arguments, self._start_process)
        self._commands.append(command)
        return command

    def data_dir(self, name: str) -> Path:
        """Where the worker of that name keeps its data."""
        return self._directory / name

    def _start(
        self, command: str, name: str, port_setting: str, settings: dict[str, str], wrapper: Sequence[str] = ()
    ) -> Service:
        port = self._ports.setdefault(name, free_ports(1)[0])
        given = {**settings, port_setting: str(port)}
        environment, log = self._environment | _variables(given), self._directory / f"{name}.log"
        service = Service(command, environment, port, log, wrapper, self._start_process)
        self._services.append(service)
        return service

    def close(self) -> None:
        """Leave no process behind."""
        for service in self._services:
            service.end()
        for command in self._commands:
            command.end()
        self._reader.close()

    def logs(self) -> dict[str, str]:
        """The last lines that each service wrote."""
        logs = {service.log for service in self._services}
        return {log.name: "\n".join(log.read_text().splitlines()[-_TAIL:]) for log in sorted(logs)}

    # -- proof ----------------------------------------------------------------------------------------------

    def wait_settled(self, seconds: float = PATIENCE, halted: Collection[tuple[str, int]] = ()) -> None:
        """Return once everything sent so far is processed and committed, except in lanes that are ``halted``.
        AssertionError: nothing more was processed for so many seconds."""
        known: list[str] = []
        began = since = time.monotonic()
        while left := self.unfinished(halted):
            now = time.monotonic()
            if left != known:
                known, since = left, now
            assert now < since + seconds, f"not processed, and nothing moves: {left}"
            time.sleep(pause_s(now - began))

    def note_settings(self, **settings: str) -> None:
        """Have a worker note by which settings each partition's orders are judged, and end it. What the next worker's
        first tick writes, if anything, is then not this note."""
        worker = self.worker("notes", **settings)
        wait_until("all partitions have noted it", lambda: self._noted() == PARTITIONS, self._noted)
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0

    def _noted(self) -> int:
        return len({each.partition for each in self.records("orders-changelog") if each.key == JUDGED_BY})

    def wait_judged(self) -> None:
        """Return once the bridge knows since when it listens, and has judged all orders so far by that."""
        wait_until("all orders are judged", lambda: not self._unjudged(), self._unjudged)

    def _unjudged(self) -> list[str]:
        last = {(each.partition, each.key or b""): each.value for each in self.records("orders-changelog")}
        rows = [place for place, value in last.items() if value is not None]
        known = {partition for partition, key in rows if key == BEGAN}
        return [
            f"{partition}: {key!r}"
            for partition, key in rows
            if key.startswith(UNJUDGED) or (key.startswith(ORDER) and partition not in known)
        ]

    def unfinished(self, halted: Collection[tuple[str, int]] = ()) -> list[str]:
        """What is not processed and committed yet, except in lanes that are ``halted``."""
        return list(unfinished(self._reader, self.names, halted))

    def committed(self, dataset: str) -> dict[int, int]:
        """The offset where the bridge goes on, by partition of a source; 0 where it has not begun."""
        partitions = self._reader.partitions(self.names.topic(dataset))
        known = self._reader.committed(partitions)
        return {partition: known.get((topic, partition), 0) for topic, partition in partitions}

    def ends(self, dataset: str) -> dict[int, int]:
        """The end of the log, by partition."""
        partitions = self._reader.partitions(self.names.topic(dataset))
        return {partition: end for (_, partition), end in self._reader.ends(partitions, committed=False).items()}

    def with_records(self, dataset: str, starts: Mapping[int, int]) -> set[int]:
        """Partitions that have a record from their offset on; markers are none."""
        topic = self.names.topic(dataset)
        return {found for _, found in self._reader.with_records({(topic, each): at for each, at in starts.items()})}

    def wait_for_markers(self) -> None:
        """Return once nobody has a transaction open."""
        written = (*DATASETS, "dedupe-changelog", "orders-changelog")
        wait_until_ended(",".join(self.settings.kafka_bootstrap_servers), *map(self.names.topic, written))

    def wait_for_progress(self) -> None:
        """Return once the group has committed more of every raw partition than before."""
        partitions = self._reader.partitions(self.names.topic(RAW))
        before = self._reader.committed(partitions)
        wait_until(
            "more is committed",
            lambda: all(self._reader.committed(partitions).get(tp, 0) > before.get(tp, 0) for tp in partitions),
        )

    def values(self, dataset: str) -> list[bytes]:
        """Values of all committed records of a topic."""
        return [record.value or b"" for record in self.records(dataset)]

    def order_ids(self) -> list[str]:
        """Every order that has a state."""
        return sorted({str(record.key or b"", "utf-8") for record in self.records(ORDER_STATE)})

    def records(self, dataset: str, partition: int | None = None) -> list[Record]:
        """All committed records of a topic, or of one of its partitions; each partition's are in their order."""
        partitions = self._reader.partitions(self.names.topic(dataset))
        wanted = [each for each in partitions if partition in {None, each[1]}]
        return self._reader.read(self._reader.begins(wanted))

    def all_records(self, datasets: Sequence[str]) -> dict[str, list[Record]]:
        """All committed records of several topics, by dataset, read together."""
        dataset_of = {self.names.topic(dataset): dataset for dataset in datasets}
        partitions = [each for topic in dataset_of for each in self._reader.partitions(topic)]
        found: dict[str, list[Record]] = {dataset: [] for dataset in datasets}
        for record in self._reader.stream(self._reader.begins(partitions)):
            found[dataset_of[record.topic]].append(record)
        return found

    def counter_examples(
        self,
        sent: Counter[bytes],
        meanings: Meanings,
        traces: Traces | None = None,
        shortfall: Shortfall = NOTHING,
    ) -> list[str]:
        """What the checker finds wrong in the topics."""
        return self.once_joined(
            lambda: counter_examples(self._reader, self.names, sent, meanings, traces or {}, shortfall)
        )

    def once_joined(self, find: Callable[[], list[str]]) -> list[str]:
        """What ``find`` finds wrong once no order's state is behind: the events of a large order are joined into it
        seconds later, many at once."""
        topic, until = self.names.topic(ORDER_STATE), float("inf")
        while True:
            found = find()
            until = min(until, time.monotonic() + PATIENCE)  # from the first look on: a look may take longer
            is_behind = found and all(each.startswith(topic) for each in found)
            if not is_behind or time.monotonic() > until:
                return found

    def forget_group(self) -> None:
        """Have Kafka forget all offsets of the group, as after a week without a worker."""
        admin = AdminClient({"bootstrap.servers": ",".join(self.settings.kafka_bootstrap_servers)})

        def is_deleted() -> bool:
            [deleted] = admin.delete_consumer_groups([self.settings.group_id]).values()
            return deleted.exception(PATIENCE) is None

        wait_until("its members are forgotten", is_deleted)

    def delete_before(self, record: Record) -> None:
        """Delete what lies before the record in its partition, as retention does."""
        admin = AdminClient({"bootstrap.servers": ",".join(self.settings.kafka_bootstrap_servers)})
        (done,) = admin.delete_records([TopicPartition(record.topic, record.partition, record.offset)]).values()
        done.result(PATIENCE)

    def check(self) -> None:
        """Wait until all work is done, then compare every topic with what was sent."""
        self.wait_settled()
        found = self.counter_examples(self.load.sent, self.load.meanings)
        assert not found, "\n".join([f"{len(found)} counter-examples", *found[:_SHOWN]])
