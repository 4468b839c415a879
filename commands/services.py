"""`bridge ingress` and `bridge worker`: the two services, in the foreground until SIGTERM."""

import os
import signal

import typer

from bridge.printable import say
from bridge.version import foreign_packages
from commands.terminal.examples import examples


@examples("bridge ingress", "BRIDGE_INGRESS_PORT=8081 bridge ingress")
def ingress() -> None:
    """Receive NewStore's webhooks and store them in Kafka, until SIGTERM."""
    _heed_signals()
    _refuse_foreign("aiohttp", "aiokafka")
    from bridge.settings import load_settings
    from ingress.main import run

    raise typer.Exit(run(load_settings()))


@examples("bridge worker", "BRIDGE_WORKER_DATA_DIR=/var/lib/bridge bridge worker")
def worker() -> None:
    """Drop duplicates, keep order states up to date and answer for orders, until SIGTERM."""
    _heed_signals()
    _refuse_foreign("aiohttp", "aiokafka", "faust-streaming", "mode-streaming", "rocksdict")
    from bridge.settings import load_settings
    from processors.worker.main import run

    raise typer.Exit(run(load_settings()))


def _heed_signals() -> None:
    """Ignore hangups, and end at a SIGTERM, until the service handles both itself: importing it takes a second. Linux
    passes no signal without a handler to the first process of a container."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)


def _end(*_: object) -> None:
    """At once: nothing has begun, and what is being imported may catch exceptions."""
    os._exit(0)


def _refuse_foreign(*packages: str) -> None:
    """Check before importing: a foreign version may lack what is imported."""
    if sentences := foreign_packages(packages):
        for sentence in sentences:
            say(sentence)
        raise typer.Exit(2)
