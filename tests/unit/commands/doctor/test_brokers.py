"""Brokers that say of themselves that they are where nobody can be: what they advertise is theirs to choose."""

import pytest

from bridge.settings import Settings
from commands.doctor.brokers import Address, reached
from commands.doctor.finding import State

SETTINGS = Settings(tenant="acme")


@pytest.mark.parametrize("address", [Address("a..b", 9092), Address("a" * 64, 9092), Address("127.0.0.1", 99_999)])
async def test_an_address_that_cannot_be_is_a_finding(address: Address) -> None:
    async with reached(SETTINGS, [address]) as (tried,):
        (found,) = tried.findings
    assert (tried.connection, found.state, str(address) in found.what) == (None, State.WRONG, True)
