"""Pages as PNGs, by a headless browser, and what has no room in them."""

import subprocess
from pathlib import Path
from typing import Final

from tests.browser.chromium import browser
from tests.programs.dashboards.page import WIDTH

_HIGHEST: Final = 10_000
"""Pixels: higher than any page."""
_OVERFLOWING: Final = """
[...document.querySelectorAll(".may-overflow, .title, .stat")]
  .filter((each) => each.scrollHeight > each.clientHeight + 2 || each.scrollWidth > each.clientWidth + 2)
  .map((each) => {
    each.classList.add("overflows");
    return each.closest("section").querySelector(".title").textContent + ": " + each.classList[0];
  })
"""


async def take(pages: list[Path]) -> dict[Path, list[str]]:
    """Write a PNG beside each page. What is cut off, or would have to be scrolled, is marked in it and returned."""
    cut_off = {}
    async with browser() as opened:
        for page in pages:
            async with opened.tab(width=WIDTH) as tab:
                await tab.go(page.resolve().as_uri())
                cut_off[page] = await tab.run(_OVERFLOWING)
                await tab.picture(page.with_suffix(".png"), _HIGHEST)
    return cut_off


def shrink(picture: Path) -> None:
    """Make the picture smaller in place, by fewer colours. CalledProcessError: it cannot be read."""
    subprocess.run(["pngquant", "--force", "--strip", "--speed", "1", "--ext", ".png", "64", str(picture)], check=True)
