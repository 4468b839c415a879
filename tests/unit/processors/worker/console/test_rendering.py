"""Whatever data says is text: it does nothing, turns no line around, and is never left out silently."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from processors.worker.console.order.page import Entries, order_page
from processors.worker.console.rendering import AbsentError, environment
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import Json
from tests.unit.processors.worker.console.told import SLA, Told, busy, held, whole

TEMPLATES = environment()
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></textarea></svg><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202ecnuf\u2066",
    "שלום مرحبا",
    "a\x00b\x1b[31m\r\nSet-Cookie: x",
    "&lt;b&gt;&#39;",
    "../../../etc/passwd?x#y",
    "x" * 200,
    "🦊" * 50,
)
_MAPS = {
    *("items", "fulfillment_requests", "payments", "returns", "refund_requests", "invoices"),
    *("payment_sums", "by_method", "item_counts"),
}
"""Fields whose keys come from data, too."""
_TIMES = re.compile(r"(_at|published_at|received_at)$")


def shown(of: Told, state: OrderState | None = None, entries: Any = None) -> str:
    told = Entries(of.entries if entries is None else entries, 0, len(of.entries), None)
    page = order_page(of.state if state is None else state, told, SLA, {})
    return TEMPLATES.get_template("order_main.html").render(page=page)


class Elements(HTMLParser):
    """Elements and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def with_text(part: Any, text: str, name: str = "") -> Any:
    """The same document or timeline with `text` in place of every text, and in every key that data chooses."""
    if isinstance(part, dict):
        return {_key(key, text, name): with_text(value, text, key) for key, value in part.items()}
    if isinstance(part, list):
        return [with_text(each, text) for each in part]
    if not isinstance(part, str) or _TIMES.search(name) or re.fullmatch(r"-?\d+(\.\d+)?", part):
        return part
    return text


def _key(key: str, text: str, parent: str) -> str:
    return f"{key}{text}" if parent in _MAPS else key


def texts(of: Told) -> Iterator[tuple[str, str]]:
    for text in HOSTILE:
        state = OrderState.model_validate(with_text(of.document, text))
        yield text, shown(of, state, with_text(list(of.entries), text))


@pytest.mark.parametrize("of", [busy(), whole(), held()], ids=["busy", "whole", "held"])
def test_hostile_data_in_every_field_adds_nothing_to_a_page(of: Told) -> None:
    known = {tag for tag, _ in Elements(shown(of)).found} | {"small", "bdi", "br", "wbr", "path"}
    for text, page in texts(of):
        elements = Elements(page).found
        assert {tag for tag, _ in elements} <= known, text
        for _, attributes in elements:
            assert not any(name.startswith("on") or name in {"style", "src"} for name in attributes), text
            assert (attributes.get("href") or "/console/").startswith(("/console/", "#")), text
        inert = page.replace("\n", "")
        assert inert.isprintable(), text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_id_is_shown_as_it_is(text: str) -> None:
    document = whole().document | {"order_id": text}
    page = shown(whole(), OrderState.model_validate(document))
    assert "<h1>" in page
    assert "<script>" not in page


@settings(max_examples=30)
@given(st.text(max_size=200))
def test_any_text_is_text(text: str) -> None:
    of = busy()
    state = OrderState.model_validate(with_text(of.document, text))
    page = shown(of, state, with_text(list(of.entries), text))
    assert {tag for tag, _ in Elements(page).found}.isdisjoint({"script", "img", "iframe", "object", "style"})


def test_what_is_not_known_has_to_be_said_in_words() -> None:
    with pytest.raises(AbsentError):
        TEMPLATES.from_string("{{ nothing }}").render(nothing=None)
    with pytest.raises(UndefinedError):
        TEMPLATES.from_string("{{ nothing }}").render()


def test_bodies_keep_their_lines_and_nothing_else() -> None:
    page = TEMPLATES.from_string("<pre>{{ body | indented }}</pre>").render(body={"a": "<b>\u202e\x1b"})
    assert page == "<pre>{\n  &#34;a&#34;: &#34;&lt;b&gt;\\u202e\\u001b&#34;\n}</pre>"


def test_a_document_of_an_older_version_is_a_page_too() -> None:
    required = {name for name, field in OrderState.model_fields.items() if field.is_required()}
    older: Json = {name: value for name, value in whole().document.items() if name in required}
    page = shown(whole(), OrderState.model_validate(older))
    assert "an older version wrote the document" in page
    assert "fulfilment and payment unknown" in page
