"""Reaching each broker: name, port, TLS, login, and its answer."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any, Final, NamedTuple

from aiokafka.conn import AIOKafkaConnection, collect_hosts
from aiokafka.errors import KafkaError

from bridge.kafka.client import certificate_expiries, client_options
from bridge.kafka.words import in_words
from bridge.settings import Settings
from commands.doctor.finding import Finding, ok, told, warning, wrong
from processors.engine.overrides.connections import Address

PATIENCE_S: Final = 3.0
"""For one broker, from name look-up to login."""
_CLOSE_S: Final = 0.5
_EXPIRES_SOON_S: Final = 21 * 86_400


class Reached(NamedTuple):
    """The result of trying a broker. `connection` None: it failed, and the last finding says why. `listens`: something
    accepts connections there."""

    address: Address
    connection: AIOKafkaConnection | None
    findings: Sequence[Finding]
    listens: bool = True


def bootstrap_addresses(settings: Settings) -> list[Address]:
    """The addresses in the settings."""
    return [Address(host, port) for host, port, _ in collect_hosts(list(settings.kafka_bootstrap_servers), False)]


@asynccontextmanager
async def reached(settings: Settings, addresses: Iterable[Address]) -> AsyncIterator[list[asyncio.Task[Reached]]]:
    """Try all brokers at the same time, with a task for each; close the connections at the end."""
    tasks = [asyncio.create_task(_reach(settings, address)) for address in addresses]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        tried = await asyncio.gather(*tasks, return_exceptions=True)
        connections = [each.connection for each in tried if isinstance(each, Reached)]
        await asyncio.gather(*(_close(each) for each in connections if each is not None))


async def first_reached(tasks: Iterable[asyncio.Task[Reached]]) -> tuple[Address, AIOKafkaConnection] | None:
    """The first broker that lets us in; None: none of them does."""
    for each in asyncio.as_completed(tasks):
        address, connection, *_ = await each
        if connection is not None:
            return address, connection
    return None


async def _reach(settings: Settings, address: Address) -> Reached:
    options = {name: value for name, value in client_options(settings).items() if name != "bootstrap_servers"}
    connection = AIOKafkaConnection(*address, request_timeout_ms=int(PATIENCE_S * 1000), **options)
    listens = False
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _touch(address)
            listens = True
            await connection.connect()
    except TimeoutError:
        await _close(connection)
        return Reached(address, None, [_silence(address, listens=listens)], listens)
    except (KafkaError, OSError, ValueError, OverflowError) as error:  # ValueError, OverflowError: invalid name or port
        await _close(connection)
        return Reached(address, None, [_failure(settings, address, error)], listens)
    return Reached(
        address, connection, [ok("brokers", f"{address} answers"), *_security(settings, address, connection)]
    )


async def _touch(address: Address) -> None:
    """Connect, to tell a port where nothing listens from a wrong protocol or login."""
    _, writer = await asyncio.open_connection(*address)
    writer.close()
    await writer.wait_closed()


async def _close(connection: AIOKafkaConnection) -> None:
    """Close a connection in any state, and wait until its socket is closed."""
    closed = connection.close()
    if closed is not None:
        await asyncio.wait({closed}, timeout=_CLOSE_S)


def _silence(address: Address, *, listens: bool) -> Finding:
    if not listens:
        # The kernel takes connections for a frozen broker, too, but no more than its queue holds: here, for a minute.
        remedy = (
            "see whether that broker is frozen, and restart it; if not, look for a firewall, a NetworkPolicy "
            "or a wrong address in BRIDGE_KAFKA_BOOTSTRAP_SERVERS"
        )
        return wrong("brokers", f"nothing answers at {address} within {PATIENCE_S:g} s, not even to refuse", remedy)
    what = f"{address} takes connections, and then says nothing for {PATIENCE_S:g} s: it is frozen, or overloaded"
    return wrong("brokers", what, "look at that broker's log and load, and restart it if it is frozen")


def _failure(settings: Settings, address: Address, error: Exception) -> Finding:
    if isinstance(error, ValueError | OverflowError) and not isinstance(error, ssl.SSLError):  # TLS errors may be both
        return wrong("brokers", f"{address} is no address that can be looked up", "check the brokers' listeners")
    if isinstance(error, socket.gaierror):
        what = f"the name {address.host} is not known here ({error.strerror})"
        return wrong("brokers", what, "check BRIDGE_KAFKA_BOOTSTRAP_SERVERS, and this machine's DNS")
    if isinstance(error, ConnectionRefusedError):
        return wrong("brokers", f"nothing listens at {address}", "start Kafka, or set BRIDGE_KAFKA_BOOTSTRAP_SERVERS")
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError | ConnectionError):
        return wrong("brokers", f"{address}: {error.strerror or error}", "check BRIDGE_KAFKA_BOOTSTRAP_SERVERS")
    failed = told("brokers", in_words(error, settings))
    named = failed.what.startswith(f"{address} ")  # some sentences name the broker themselves
    return failed if named else failed._replace(what=f"{address}: {failed.what}")


def _security(settings: Settings, address: Address, connection: AIOKafkaConnection) -> Iterable[Finding]:
    protocol = settings.kafka_security_protocol
    certificate = _certificate(connection)
    if certificate is not None:
        yield certificate_of(address, certificate, time.time())
    elif not is_loopback(address.host):
        what = f"{protocol}: {'the password and ' if protocol.startswith('SASL') else ''}all events cross the network"
        yield warning("tls", f"{what} in the clear", "set BRIDGE_KAFKA_SECURITY_PROTOCOL to SSL or SASL_SSL")
    if protocol.startswith("SASL_"):
        who = settings.kafka_sasl_username or "our token"
        yield ok("login", f"{address} accepts {who} ({settings.kafka_sasl_mechanism})")


def certificate_of(address: Address, certificate: dict[str, Any], now: float) -> Finding:
    """A finding on a broker's certificate, as `ssl` returns it; it is already known to be trusted."""
    left_s = ssl.cert_time_to_seconds(certificate["notAfter"]) - now
    what = f"{address}'s certificate is trusted, and expires in {left_s / 86_400:.0f} days"
    if left_s < _EXPIRES_SOON_S:
        return warning("tls", what, "renew the broker's certificate")
    return ok("tls", what)


def own_certificates(settings: Settings, now: float) -> Iterator[Finding]:
    """Findings on our own certificate files that have expired or soon will. SettingsError: they cannot be used."""
    for setting, ends_at in certificate_expiries(settings).items():
        days, what = (ends_at - now) / 86_400, f"the certificate in {setting}"
        key = " and that of BRIDGE_KAFKA_SSL_KEYFILE" if setting == "BRIDGE_KAFKA_SSL_CERTFILE" else ""
        remedy = f"replace the file{key}: each new connection reads it"
        if ends_at < now:
            yield wrong("tls", f"{what} ended {-days:.0f} days ago", remedy)
        elif ends_at < now + _EXPIRES_SOON_S:
            yield warning("tls", f"{what} expires in {days:.0f} days", remedy)


def _certificate(connection: AIOKafkaConnection) -> dict[str, Any] | None:
    writer = connection._writer  # noqa: SLF001 - there is no public way
    found: dict[str, Any] | None = writer.get_extra_info("peercert") if writer is not None else None
    return found


def is_loopback(host: str) -> bool:
    """Whether an address is only reachable within this machine or pod."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"
