"""What the doctor says of brokers that others know: those that are frozen, gone, or where nobody gets to."""

import socket

import pytest
from aiohttp.test_utils import unused_port

from bridge.settings import Settings
from commands.doctor import brokers, examination
from commands.doctor.brokers import Address, reached
from commands.doctor.finding import Finding

SETTINGS = Settings(tenant="acme")


async def unreachable(address: Address) -> Finding:
    async with reached(SETTINGS, [address]) as (tried,):
        return examination._unreachable(tried)


async def test_a_broker_that_takes_connections_and_says_nothing_is_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is where it says that it is, so its address is no remedy."""
    monkeypatch.setattr(brokers, "PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = await unreachable(Address("127.0.0.1", listening.getsockname()[1]))
    assert "takes connections, and then says nothing" in found.what
    assert "advertised.listeners" not in " ".join(found.remedies)
    assert "restart it if it is frozen" in found.remedies[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "kafka.invalid"])
async def test_a_broker_to_which_no_connection_is_made_advertises_another_address(host: str) -> None:
    found = await unreachable(Address(host, unused_port()))
    assert "advertised.listeners" in found.remedies[0]
