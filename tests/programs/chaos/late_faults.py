"""What a network delivers although both ends have given it up."""

import random

from tests.integration.waiting import wait_until
from tests.programs.chaos.lines import network_of
from tests.programs.chaos.network import Network
from tests.programs.chaos.site import PATIENCE, Site

_TIMES = 6
_LEADS = (0.0, 0.01, 0.1, 0.3)


def late_end_txn(site: Site, rng: random.Random) -> None:
    """The request to end a transaction dies with its connection, and arrives within the same producer's next
    transaction."""
    network = network_of(site)
    for _ in range(_TIMES):
        _hold_one(network, rng.choice(_LEADS))


def _hold_one(network: Network, lead: float) -> None:
    before = network.delivered_late()
    network.hold_an_end_txn(lead)
    wait_until("a request arrives late", lambda: network.delivered_late() > before, seconds=PATIENCE)
