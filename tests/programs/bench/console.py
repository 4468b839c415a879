"""How long the console's pages take with many orders: `python -m tests.programs.bench.console [orders]`.

The tables are those of `tests.programs.bench.search`. The pages are asked for over a socket, one after the other.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from deploy.local.service import WORKPLACE
from processors.engine.store import TablePartition
from processors.orders.apply import OrderRules
from processors.worker.console.home.recent import KEPT_S
from processors.worker.queries.everyone import Everyone
from processors.worker.queries.local import Local
from processors.worker.queries.one_order import OneOrder
from processors.worker.queries.owners import Here, TableReader
from processors.worker.queries.queries import Queries
from tests.programs.bench.search import PARTITIONS, fill
from tests.unit.processors.worker.console.serving import Served, serving

_ASKED: Final = 50


def main() -> int:
    """Fill the tables, ask, and print a line for each page."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.console", description=__doc__)
    parser.add_argument("orders", nargs="?", type=int, default=1_000_000)
    count = parser.parse_args().orders
    WORKPLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="console-", dir=WORKPLACE) as directory:
        tables = [TablePartition(Path(directory) / str(number)) for number in range(PARTITIONS)]
        fill(tables, count)
        asyncio.run(_ask(tables, count))
        for table in tables:
            table.close()
    return 0


async def _ask(tables: Sequence[TablePartition], count: int) -> None:
    async with serving(_queries(tables), keys=None) as console:
        await _time(console, "home, lists asked for", lambda _: "/console/", pause=KEPT_S)
        await _time(console, "home, lists kept", lambda _: "/console/")
        await _time(console, "an order", lambda n: f"/console/orders/order-{n * 7919 % count:07d}")
        await _time(console, "its inner part", lambda n: f"/console/orders/order-{n * 7919 % count:07d}?fragment")
        await _time(console, "a list", lambda _: "/console/lists/on-hold")
        await _time(console, "a search", lambda n: f"/console/search?q=1Z{n * 7919 % count:07d}")


async def _time(console: Served, name: str, path: Callable[[int], str], pause: float = 0.0) -> None:
    seconds, size = list[float](), 0
    for number in range(_ASKED if not pause else 10):
        await asyncio.sleep(pause)
        started = time.perf_counter()
        page = await console.get(path(number))
        seconds.append(time.perf_counter() - started)
        assert page.status in {200, 303}, page
        size = max(size, len(page.text))
    seconds.sort()
    said = f"p50 {1000 * seconds[len(seconds) // 2]:.1f}, most {1000 * seconds[-1]:.1f} ms"
    print(f"{name}: {said}, {size / 1000:.0f} KB", flush=True)


def _queries(tables: Sequence[TablePartition]) -> Any:
    places = [Here(number, TableReader(f"partition {number}", table), 0) for number, table in enumerate(tables)]
    owners: Any = SimpleNamespace(
        here=places.__getitem__,
        shared_out=lambda: (list(range(PARTITIONS)), {}),
        partitions=PARTITIONS,
        require_fresh=lambda _since: None,
    )
    nobody: Any = SimpleNamespace(known=_nothing_is_known)
    rules = OrderRules()
    everyone = Everyone(owners, nobody, Local(owners, rules))
    return Queries(owners, nobody, everyone, OneOrder(everyone, nobody, nobody, rules, unmasked=False), rules)


async def _nothing_is_known(ids: Sequence[str], _caller: object) -> dict[str, None]:
    return dict.fromkeys(ids)


if __name__ == "__main__":
    sys.exit(main())
