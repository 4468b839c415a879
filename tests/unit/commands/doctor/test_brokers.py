"""Brokers that say of themselves that they are where nobody can be: what they advertise is theirs to choose."""

import pytest

from bridge.settings import Settings
from commands.doctor import brokers
from commands.doctor.brokers import Address, reached
from commands.doctor.finding import State

SETTINGS = Settings(tenant="acme")


@pytest.mark.parametrize("address", [Address("a..b", 9092), Address("a" * 64, 9092), Address("127.0.0.1", 99_999)])
async def test_an_address_that_cannot_be_is_a_finding(address: Address) -> None:
    async with reached(SETTINGS, [address]) as (trying,):
        tried = await trying
    (found,) = tried.findings
    assert (tried.connection, found.state, str(address) in found.what) == (None, State.WRONG, True)


async def test_an_address_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By us, or by the sentence that has it already."""
    address = Address("127.0.0.1", 9092)
    for sentence, what in (
        (f"{address} has closed it: BRIDGE_X", f"{address} has closed it"),
        ("No: x", f"{address}: No"),
    ):
        monkeypatch.setattr(brokers, "in_words", lambda *_, said=sentence: said)
        assert brokers._failure(SETTINGS, address, ConnectionResetError()).what == what
