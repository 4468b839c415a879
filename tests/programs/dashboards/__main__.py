"""`python -m tests.programs.dashboards --out DIR`: a page and a picture of each dashboard.

It prints what is cut off there. After a change of the dashboards, `--again` draws what an earlier run left in the
folder. If pngquant is installed, it makes the pictures smaller.
"""

import argparse
import asyncio
import json
import shutil
import sys
from functools import partial
from pathlib import Path

import pytest

from deploy.local.environment import BrokenEnvironment
from tests.deploy.observability.dashboards import FILES, board
from tests.integration.exactly_once.prometheus import Prometheus
from tests.programs.dashboards.answers import Window, ask
from tests.programs.dashboards.happenings import record
from tests.programs.dashboards.page import draw
from tests.programs.dashboards.pictures import shrink, take


def main() -> None:
    """Record, draw, take pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.dashboards", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for pages, pictures and Prometheus' data")
    parser.add_argument("--again", action="store_true", help="draw what was recorded there before")
    asked = parser.parse_args()
    kept = asked.out / "recorded"
    try:
        if not asked.again:
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(parents=True)
            (kept / "window.json").write_text(json.dumps(record(kept)))
        show(asked.out, kept, Window(*json.loads((kept / "window.json").read_text())))
    except (BrokenEnvironment, pytest.skip.Exception) as reason:
        sys.exit(str(reason))


def show(out: Path, kept: Path, window: Window) -> None:
    """Draw each dashboard, and print what of it is cut off."""
    pages = {file: out / f"{file.stem}.html" for file in FILES}
    with Prometheus(kept, []) as prometheus:
        prometheus.wait_ready()
        for file, page in pages.items():
            page.write_text(draw(board(file), partial(ask, prometheus, window=window), window), encoding="utf-8")
    for page, places in asyncio.run(take(list(pages.values()))).items():
        print(*(f"{page.stem}: no room in {place}" for place in places), page.with_suffix(".png"), sep="\n")
        if shutil.which("pngquant"):
            shrink(page.with_suffix(".png"))


if __name__ == "__main__":
    main()
