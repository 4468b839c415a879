"""Commands in this process, in an environment with only the settings that a test gives."""

import os
from collections.abc import Callable, Iterator

import pytest
import structlog
from typer.testing import CliRunner, Result

from commands.app import app

Run = Callable[..., Result]


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """`bridge("order", "o1", worker_url=...)`: run a command with these settings; standard input is no terminal."""
    for name in os.environ:
        if name.startswith("BRIDGE_"):
            monkeypatch.delenv(name)

    def run(*arguments: str, tenant: str | None = "acme", **settings: str) -> Result:
        given = {f"BRIDGE_{name.upper()}": value for name, value in settings.items()}
        if tenant is not None:
            given["BRIDGE_TENANT"] = tenant
        return CliRunner().invoke(app, list(arguments), env=given)

    yield run
    structlog.reset_defaults()  # services configure it, for good
