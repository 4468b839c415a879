"""Faults of brokers."""

import os
import random
import signal
import time

from tests.integration.waiting import wait_until
from tests.programs.chaos.cluster import Node
from tests.programs.chaos.site import Site, wake_up_late

_AWAY_S = 6.0
"""Longer than a broker's session: the controller gives it up, and its partitions get other leaders if there are any."""


def kill_broker(site: Site, rng: random.Random) -> None:
    """Kill a broker (SIGKILL); restart it at once."""
    _kill(site, _any(site, rng))


def kill_group_coordinator(site: Site, rng: random.Random) -> None:
    """Kill the broker that has the group and its offsets; restart it at once."""
    _kill(site, site.cluster.group_coordinator(site.deployment.names.group))


def kill_transaction_coordinator(site: Site, rng: random.Random) -> None:
    """Kill the broker that decides on one lane's transactions; restart it at once."""
    _kill(site, _coordinator_of_a_lane(site, rng))


def lose_broker_for_a_while(site: Site, rng: random.Random) -> None:
    """Kill a broker (SIGKILL); restart it when the others have long noticed."""
    node = _any(site, rng)
    node.kill()
    time.sleep(_AWAY_S)
    site.cluster.start(node)


def restart_broker(site: Site, rng: random.Random) -> None:
    """Restart a broker by SIGTERM."""
    _restart(site, _any(site, rng))


def restart_group_coordinator(site: Site, rng: random.Random) -> None:
    """Restart the broker that has the group and its offsets."""
    _restart(site, site.cluster.group_coordinator(site.deployment.names.group))


def restart_transaction_coordinator(site: Site, rng: random.Random) -> None:
    """Restart the broker that decides on one lane's transactions."""
    _restart(site, _coordinator_of_a_lane(site, rng))


def restart_all_brokers(site: Site, rng: random.Random) -> None:
    """Restart all brokers, one after the other."""
    for node in site.cluster.nodes.values():
        _restart(site, node)
        site.cluster.wait_in_sync()


def freeze_broker(site: Site, rng: random.Random) -> None:
    """Freeze a broker beyond its session: SIGSTOP, then SIGCONT."""
    _freeze(site, _any(site, rng))


def freeze_group_coordinator(site: Site, rng: random.Random) -> None:
    """Freeze the broker that has the group and its offsets."""
    _freeze(site, site.cluster.group_coordinator(site.deployment.names.group))


def freeze_transaction_coordinator(site: Site, rng: random.Random) -> None:
    """Freeze the broker that decides on one lane's transactions."""
    _freeze(site, _coordinator_of_a_lane(site, rng))


def kill_broker_and_worker(site: Site, rng: random.Random) -> None:
    """Kill a broker and a worker at the same moment."""
    node, name = _any(site, rng), site.any_worker(rng)
    site.kill_worker(name)
    node.kill()
    site.cluster.start(node)
    site.start_worker(name)


def freeze_worker_while_a_broker_restarts(site: Site, rng: random.Random) -> None:
    """The group gives a worker up, which then wakes up to other coordinators or leaders than it knew."""
    worker = site.workers[site.any_worker(rng)]
    worker.signal(signal.SIGSTOP)
    _restart(site, _any(site, rng))
    wake_up_late(site, worker)


def _any(site: Site, rng: random.Random) -> Node:
    return site.cluster.nodes[rng.choice(sorted(site.cluster.nodes))]


def _coordinator_of_a_lane(site: Site, rng: random.Random) -> Node:
    settings = site.deployment.settings
    topic = rng.choice((settings.topics.raw, settings.topics.orders))
    return site.cluster.transaction_coordinator(f"{settings.group_id}-{topic}-{rng.randrange(settings.partitions)}")


def _kill(site: Site, node: Node) -> None:
    node.kill()
    wait_until("its port is free", lambda: not node.is_running())
    site.cluster.start(node)


def _restart(site: Site, node: Node) -> None:
    node.terminate()
    site.cluster.start(node)


def _freeze(site: Site, node: Node) -> None:
    os.kill(node.pid, signal.SIGSTOP)
    site.stand(_AWAY_S)
    os.kill(node.pid, signal.SIGCONT)
