"""`bridge ingress` and `bridge worker`: the two services, in the foreground until SIGTERM."""

import signal

import typer

from commands.terminal.examples import examples


@examples("bridge ingress", "BRIDGE_INGRESS_PORT=8081 bridge ingress")
def ingress() -> None:
    """Receive NewStore's webhooks and store them in Kafka, until SIGTERM."""
    _outlive_hangups()
    from bridge.settings import load_settings
    from ingress.main import run

    raise typer.Exit(run(load_settings()))


@examples("bridge worker", "BRIDGE_WORKER_DATA_DIR=/var/lib/bridge bridge worker")
def worker() -> None:
    """Drop duplicates, keep order states up to date and answer for orders, until SIGTERM."""
    _outlive_hangups()
    from bridge.settings import load_settings
    from processors.worker.main import run

    raise typer.Exit(run(load_settings()))


def _outlive_hangups() -> None:
    """Until the service listens to them itself; by then it has been imported, which takes a second."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
