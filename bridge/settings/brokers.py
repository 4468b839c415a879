"""Addresses of brokers: one that a client could not even try is refused with the other bad settings. Pure."""

import re
from ipaddress import IPv6Address
from typing import Annotated, Final

from pydantic import AfterValidator

from bridge.settings.types import Addresses

_ADDRESS: Final = re.compile(r"(?:\[(?P<literal>[^\[\]]*)\]|(?P<host>[^\[\]:]*))(?::(?P<port>[0-9]{1,5}))?")
_NOT_IN_NAMES: Final = re.compile(r"[\s/@\x00-\x1f\x7f]")
_LARGEST_PORT: Final = 65_535


def _reachable(brokers: tuple[str, ...]) -> tuple[str, ...]:
    """ValueError: one of them is no address. The text, which may hold a password by mistake, is not quoted."""
    for number, broker in enumerate(brokers, 1):
        if not _is_address(broker):
            raise ValueError(
                f"broker {number} of {len(brokers)} is no address: write host:port,"
                f" as in kafka:9092 or [::1]:9092, with a port from 1 to {_LARGEST_PORT}"
            )
    return brokers


def _is_address(text: str) -> bool:
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return _is_ipv6(text)  # without a port no brackets are needed
    if match["port"] is not None and not 1 <= int(match["port"]) <= _LARGEST_PORT:
        return False
    return _is_ipv6(match["literal"]) if match["literal"] is not None else _is_host(match["host"])


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_host(text: str) -> bool:
    """Whether a look-up of names takes it, an IPv4 address included. A look-up first encodes each name by IDNA."""
    try:
        text.encode("idna")
    except UnicodeError:
        return False
    return bool(text) and not _NOT_IN_NAMES.search(text)


Brokers = Annotated[Addresses, AfterValidator(_reachable)]
"""`host:port`, comma separated; without a port, Kafka's own."""
