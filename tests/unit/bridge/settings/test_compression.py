"""Every producer that writes a public topic compresses as BRIDGE_COMPRESSION says."""

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import pytest

import ingress.producer as of_ingress
import processors.engine.overrides.producer as of_lanes
from bridge.settings import Settings
from commands.terminal.fenced_producer import fenced_producer
from processors.worker.app import engine_options

_CODECS = {"gzip": "gzip", "lz4": "lz4", "snappy": "snappy", "zstd": "zstd", "none": None}


class Asked(Exception):  # noqa: N818 - says what it is
    """A producer was asked for, with these options."""


async def in_lanes(settings: Settings) -> None:
    of_lanes.new_producer(engine_options(settings), "a-lane")


async def in_the_ingress(settings: Settings) -> None:
    await of_ingress.KafkaProducer.connect(settings, lambda: None)


async def in_commands(settings: Settings) -> None:
    async with fenced_producer(settings, "a-command"):
        raise AssertionError("there is no Kafka")


def test_by_default_it_is_what_every_client_reads() -> None:
    assert Settings(tenant="acme").compression_type == "gzip"


@pytest.mark.parametrize("chosen", _CODECS)
@pytest.mark.parametrize(
    ("module", "make"), [(of_lanes, in_lanes), (of_ingress, in_the_ingress), (of_lanes, in_commands)]
)
async def test_producers_are_made_with_the_codec_that_is_chosen(
    module: ModuleType, make: Callable[[Settings], Awaitable[None]], chosen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(**options: Any) -> None:
        raise Asked(options["compression_type"])

    monkeypatch.setattr(module, "AIOKafkaProducer", asked)
    with pytest.raises(Asked) as said:
        await make(Settings(tenant="acme", compression=chosen))
    assert said.value.args == (_CODECS[chosen],)
