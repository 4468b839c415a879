"""Runs axe-core, from npm, on a page."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import npm
from tests.browser.chromium import Tab

HERE = Path(__file__).parent / "axe"


@cache
def _axe() -> str:
    return (npm.installed(HERE) / "node_modules" / "axe-core" / "axe.min.js").read_text()


async def barriers(tab: Tab) -> list[str]:
    """What axe finds wrong with the page, a line for each element. Skips the test without npm."""
    if not npm.can_run():
        pytest.skip("node and npm are not installed, so axe-core cannot look at the page")
    await tab.run(_axe() + "; 0")
    found: list[dict[str, Any]] = await tab.run("axe.run().then((results) => results.violations)")
    return [f"{each['id']}: {node['html'][:200]} {node['failureSummary']}" for each in found for node in each["nodes"]]
