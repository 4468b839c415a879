"""Every link on our pages leads to an existing file, and to a heading in it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *(page for folder in ("docs", "deploy", "tests", "examples") for page in (ROOT / folder).rglob("*.md")),
]
_LINK = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]*))?\)")
_NAMED = re.compile(r"([\w./-]+\.md)#([\w-]+)")
_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINKED = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def lost(page: Path) -> Iterator[str]:
    """Links of ``page`` to files, or to places in pages, that are not there."""
    for target, place in _LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        to = page.parent / target if target else page
        if not to.exists():
            yield target
        elif place and to.suffix == ".md" and place not in places(to):
            yield f"{target}#{place}"


@cache
def places(page: Path) -> frozenset[str]:
    """GitHub's names for a page's headings: small letters, dashes, and a number behind repeated ones."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    found: list[str] = []
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        words = _LINKED.sub(r"\1", heading).strip().lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.append(f"{name}-{again}" if (again := found.count(name)) else name)
    return frozenset(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert not list(lost(page))


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A `part`, [here](x.md)\n[here](page.md#a-part-here) [there](no.md) [elsewhere](https://example.com/no.md)"
        "\n[above](#a-part) [beside](page.md#code)\n```\n# code\n```\n".replace("x.md", "page.md")
    )
    assert list(lost(page)) == ["no.md", "#a-part", "page.md#code"]


def test_places_that_manifests_name_are_there() -> None:
    """In comments, as `why so much: ../README.md#resources`, and in alerts, from the project's root."""
    files = [ROOT / "docker-compose.yml", *(ROOT / "deploy").rglob("*.yaml"), *(ROOT / "deploy").rglob("*.yml")]
    named = [(file, *each) for file in files for each in _NAMED.findall(file.read_text(encoding="utf-8"))]
    pages = [((file.parent if name.startswith(".") else ROOT) / name, place) for file, name, place in named]
    assert len(pages) > 10
    assert [f"{page}#{place}" for page, place in pages if place not in places(page)] == []
