"""Real brokers to be hit: one or three, if need be with a relay on every line between any two processes."""

import contextlib
import itertools
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import TopicCollection
from confluent_kafka.admin import ClusterMetadata

from deploy.local.answers import wait_until_it_answers
from deploy.local.broker import JavaBroker
from deploy.local.ports import free_ports
from deploy.local.properties import COMMON
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.chaos.network import Network, controller_of
from tests.programs.checker.clients import Clients

_REPLICATED = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "replica.lag.time.max.ms": "5000",  # how long acks=all waits for a replica that hangs
    "controller.quorum.election.timeout.ms": "1000",
    "controller.quorum.fetch.timeout.ms": "2000",
    "unclean.leader.election.interval.ms": "3000",  # for partitions that had no leader before it was allowed
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Ports of one node: its own, and those at which the others find it."""

    client: int
    controller: int
    client_seen: int
    controller_seen: int


class Node(JavaBroker):
    """One broker of a cluster."""

    java_options = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # a broker's life is too short for the better compiler

    def __init__(self, number: int, addresses: Mapping[int, Addresses], directory: Path) -> None:
        super().__init__(directory)
        self.number, self.name = number, f"broker-{number}"
        self._port = addresses[number].client_seen
        self.properties = _properties(number, addresses)

    def terminate(self) -> None:
        """Send SIGTERM, and wait for the orderly end."""
        os.kill(self.pid, signal.SIGTERM)
        wait_until(f"{self.name} ended", lambda: not self.is_running())

    def is_running(self) -> bool:
        """Whether its process runs."""
        return self._started().is_running()


class Cluster:
    """`nodes`: by number. `network`: None if nothing runs through a relay."""

    def __init__(self, nodes: Mapping[int, Node], network: Network | None) -> None:
        self.nodes, self.network = nodes, network
        self.bootstrap_servers = ",".join(node.bootstrap_servers for node in nodes.values())
        self._clients = Clients(self.bootstrap_servers)

    @property
    def replication(self) -> int:
        """How many copies everything has."""
        return len(self.nodes)

    def start(self, node: Node) -> None:
        """Start the node, for the first time or again, and return once it serves."""
        node.launch()
        self.tell(node.name, node.pid)
        node.await_answer()

    def tell(self, name: str, pid: int) -> None:
        """Tell the network which process the party is now."""
        if self.network is not None:
            self.network.is_at(name, pid)

    def cut_off_its_peers(self, number: int) -> None:
        """Cut a broker off the others. It goes on to serve clients, and never learns that the others have elected other
        leaders."""
        assert self.network is not None
        others = [node.name for node in self.nodes.values() if node.number != number]
        self.network.cut(itertools.product([self.nodes[number].name], others))

    def heal(self) -> None:
        """Let every broker run and make every line whole, whatever happened."""
        if self.network is not None:
            self.network.heal()
        for node in self.nodes.values():
            if not node.is_running():
                self.start(node)
            os.kill(node.pid, signal.SIGCONT)
        wait_until_it_answers(self.bootstrap_servers, PATIENCE)
        self.wait_in_sync()

    def wait_in_sync(self) -> None:
        """Return once no partition lacks a replica."""
        wait_until("all replicas are in sync", self._in_sync)

    def wait_complete(self) -> None:
        """Return once all brokers are known."""
        wait_until("all brokers are there", lambda: len(self._listed().brokers) == len(self.nodes))

    def close(self) -> None:
        """Release the clients."""
        self._clients.close()

    def _in_sync(self) -> bool:
        topics = self._listed().topics.values()
        partitions = [partition for topic in topics for partition in topic.partitions.values()]
        return all(len(partition.isrs) == len(partition.replicas) for partition in partitions)

    def _listed(self) -> ClusterMetadata:
        return self._clients.answer(lambda: self._clients.admin.list_topics(timeout=10))

    def group_coordinator(self, group: str) -> Node:
        """The leader of the partition that holds the group's state."""
        return self._coordinator("__consumer_offsets", group)

    def transaction_coordinator(self, transactional_id: str) -> Node:
        """The leader of the partition that holds the transactional id's state."""
        return self._coordinator("__transaction_state", transactional_id)

    def _coordinator(self, topic: str, name: str) -> Node:
        """By metadata: a coordinator itself answers "not I" while its state changes hands."""

        def leader() -> Node | None:
            asked = self._clients.admin.describe_topics(TopicCollection([topic]), request_timeout=10)
            partitions = asked[topic].result(30).partitions
            found = partitions[java_hash(name) % len(partitions)].leader
            return None if found is None else self.nodes.get(found.id)

        found = wait_until(f"{topic} has a leader", lambda: self._clients.answer(leader))
        assert found is not None, "waited for"
        return found


def java_hash(text: str) -> int:
    """`Utils.abs(String.hashCode())`, by which Kafka finds the partition."""
    value = 0
    for character in text:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    if value == 0x80000000:
        return 0  # it has no positive counterpart
    return value if value < 0x80000000 else 0x100000000 - value


@contextmanager
def cluster(brokers: int, directory: Path, *, relayed: bool) -> Iterator[Cluster]:
    """A cluster that runs until the end of the block. `relayed`: all connections to brokers run through a relay."""
    with contextlib.ExitStack() as stack:
        network = stack.enter_context(Network()) if relayed else None
        addresses = {number: _addresses(number, network) for number in range(1, brokers + 1)}
        nodes = {number: Node(number, addresses, directory / f"broker-{number}") for number in addresses}
        made = stack.enter_context(contextlib.closing(Cluster(nodes, network)))
        for node in nodes.values():
            node.launch()
            stack.callback(node.stop)
            made.tell(node.name, node.pid)
        for node in nodes.values():
            node.await_answer()
        made.wait_complete()
        try:
            yield made
        finally:
            first, *others = nodes.values()
            first.stop()  # in order: the first broker ever leaves an archive that makes later starts quicker
            for node in others:
                if node.is_running():
                    node.kill()  # nobody needs their data any more


def _addresses(number: int, network: Network | None) -> Addresses:
    client, controller, client_seen, controller_seen = free_ports(4)
    if network is None:
        return Addresses(client, controller, client, controller)
    network.listen(f"broker-{number}", client_seen, client)
    network.listen(controller_of(f"broker-{number}"), controller_seen, controller)
    return Addresses(client, controller, client_seen, controller_seen)


def _properties(number: int, addresses: Mapping[int, Addresses]) -> str:
    own = addresses[number]
    node = {
        "process.roles": "broker,controller",
        "node.id": str(number),
        "controller.quorum.voters": ",".join(f"{n}@127.0.0.1:{a.controller_seen}" for n, a in addresses.items()),
        "listeners": f"PLAINTEXT://127.0.0.1:{own.client},CONTROLLER://127.0.0.1:{own.controller}",
        # Both: a leader tells its followers where its controller is, and they go there instead of where they dialled.
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{own.client_seen},CONTROLLER://127.0.0.1:{own.controller_seen}",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": "log",
    }
    return "".join(
        f"{name}={value}\n" for name, value in {**COMMON, **(_REPLICATED if len(addresses) > 1 else {}), **node}.items()
    )
