"""Takes the pictures of docs/console.md anew: `python -m tests.browser.pictures docs/console`. pngquant makes them
smaller (Debian: apt-get install pngquant)."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

from bridge import metrics
from schemas.outcome import Outcome
from tests.browser.chromium import browser
from tests.browser.conftest import BUSY, CONTRADICTED, LISTS, ORDERS, blind_return
from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.serving import serving


class Picture(NamedTuple):
    """`height`: where it is cut off, in pixels."""

    name: str
    path: str
    width: int
    height: int
    dark: bool = False


PICTURES: Final = (
    Picture("order", f"/console/orders/{BUSY.order_id}", 1280, 1240),
    Picture("order-dark", f"/console/orders/{CONTRADICTED.order_id}", 1280, 900, dark=True),
    Picture("order-narrow", f"/console/orders/{BUSY.order_id}", 360, 1240),
    Picture("order-narrow-dark", f"/console/orders/{BUSY.order_id}", 360, 1240, dark=True),
    Picture("home", "/console/", 1280, 1000),
)


def happen() -> None:
    """Set a worker's metrics to those of a quiet day."""
    for outcome, number in ((Outcome.UNIQUE, 1204), (Outcome.DUPLICATE, 37), (Outcome.CONFLICT, 1)):
        metrics.events_total.labels("order.created", outcome).inc(number)
    metrics.sampled_delay_seconds.observe_many([1.7] * 180 + [4.1] * 50 + [70.0] * 4)
    metrics.end_to_end_seconds.observe_many([0.03] * 800 + [0.2] * 30)
    for topic in ("newstore.raw.v1", "newstore.orders.v1"):
        for partition in range(8):
            metrics.consumer_lag_events.labels(topic, partition).set(partition % 3)
    metrics.orders_provisional.set(2)
    for status, number in (("open", 214), ("on_hold", 3), ("completed", 18_442), ("cancelled", 911)):
        metrics.orders.labels(status).set(number)


async def main(folder: Path) -> None:
    """Take all pictures."""
    folder.mkdir(exist_ok=True)
    queries = FakeQueries(ORDERS, LISTS, [blind_return(number) for number in range(3)])
    async with serving(queries, keys=None) as console, browser() as opened:
        happen()
        for picture in PICTURES:
            async with opened.tab(width=picture.width, dark=picture.dark) as tab:
                await tab.go(f"{console.origin}{picture.path}")
                await tab.picture(folder / f"{picture.name}.png", picture.height)


def shrink(path: Path) -> None:
    """Make a picture smaller in place, by fewer colours."""
    subprocess.run(["pngquant", "--force", "--strip", "--speed", "1", "--ext", ".png", "48", str(path)], check=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
    for picture in PICTURES:
        shrink(Path(sys.argv[1]) / f"{picture.name}.png")
