"""The terminal as views see it: strings are text, whatever they hold. ruff keeps other ways to it out (TID251)."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from bridge.printable import inert


class InertConsole(Console):
    """rich's console, on which a string is one line of text: never markup, nothing in it moves a cursor."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Called by rich for each string: what is printed, cells, titles. Escaped before it is measured."""
        return super().render_str(inert(text), **{**options, "markup": False, "emoji": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Called by rich for whatever it shows. Texts that rich makes itself, as for bars, are escaped here."""
        return map(_inert_segment, super().render(renderable, options))


def _inert_segment(segment: Segment) -> Segment:
    text, style, control = segment
    if control or text.isprintable() or text == "\n":
        return segment
    return Segment("\n".join(map(inert, text.split("\n"))), style)
