"""Brokers that advertise an address where nothing can be: they may advertise anything."""

import socket
from contextlib import ExitStack

import pytest

from bridge.settings import Settings
from commands.doctor import brokers
from commands.doctor.brokers import reached
from commands.doctor.finding import State
from processors.engine.overrides.connections import Address

SETTINGS = Settings(tenant="acme")


@pytest.mark.parametrize("address", [Address("a..b", 9092), Address("a" * 64, 9092), Address("127.0.0.1", 99_999)])
async def test_an_address_that_cannot_be_is_a_finding(address: Address) -> None:
    async with reached(SETTINGS, [address]) as (trying,):
        tried = await trying
    (found,) = tried.findings
    assert (tried.connection, found.state, str(address) in found.what) == (None, State.WRONG, True)


async def test_a_broker_that_takes_no_more_connections_may_be_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes connections for a frozen broker until its queue is full, which happens before an alert comes."""
    monkeypatch.setattr(brokers, "PATIENCE_S", 0.1)
    with ExitStack() as stack:
        frozen = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # nobody takes them out of the queue
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(frozen.getsockname())
        async with reached(SETTINGS, [Address(*frozen.getsockname())]) as (trying,):
            (found,) = (await trying).findings
    assert "not even to refuse" in found.what
    (remedy,) = found.remedies
    assert remedy.index("frozen") < remedy.index("firewall")


async def test_an_address_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """We say the address, unless the sentence has it already."""
    address = Address("127.0.0.1", 9092)
    for sentence, what in (
        (f"{address} has closed it: BRIDGE_X", f"{address} has closed it"),
        ("No: x", f"{address}: No"),
    ):
        monkeypatch.setattr(brokers, "in_words", lambda *_, said=sentence: said)
        assert brokers._failure(SETTINGS, address, ConnectionResetError()).what == what


@pytest.mark.parametrize(
    ("days", "state", "what"), [(-2, State.WRONG, "ended 2 days ago"), (2, State.WARNING, "expires in 2 days")]
)
def test_a_certificate_of_ours_that_ends_soon_is_told(
    monkeypatch: pytest.MonkeyPatch, days: int, state: State, what: str
) -> None:
    monkeypatch.setattr(brokers, "certificate_expiries", lambda _: {"BRIDGE_KAFKA_SSL_CERTFILE": days * 86_400.0})
    (found,) = brokers.own_certificates(SETTINGS, 0.0)
    assert (found.state, found.what) == (state, f"the certificate in BRIDGE_KAFKA_SSL_CERTFILE {what}")
    assert "BRIDGE_KAFKA_SSL_KEYFILE" in found.remedies[0]


def test_of_one_that_lasts_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "certificate_expiries", lambda _: {"BRIDGE_KAFKA_SSL_CAFILE": 90 * 86_400.0})
    assert list(brokers.own_certificates(SETTINGS, 0.0)) == []
