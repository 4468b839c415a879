"""`bridge ingress` and `bridge worker`: the two services, in the foreground until SIGTERM."""

import typer


def ingress() -> None:
    """Receive NewStore's webhooks and store them in Kafka, until SIGTERM."""
    from bridge.settings import load_settings
    from ingress.main import run

    raise typer.Exit(run(load_settings()))


def worker() -> None:
    """Drop duplicates, keep order states up to date and answer for orders, until SIGTERM."""
    from bridge.settings import load_settings
    from processors.worker.main import run

    raise typer.Exit(run(load_settings()))
