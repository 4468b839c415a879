"""Settings of one deployment, whatever the developer has exported."""

import os

import pytest

from bridge.settings import Settings


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Defaults, but for the tenant."""
    for name in os.environ:
        if name.startswith("BRIDGE_"):
            monkeypatch.delenv(name)
    return Settings(tenant="acme")
