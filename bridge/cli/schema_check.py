"""`bridge schema check`: would a reader of the topics break?"""

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.output import Format, FormatOption, fail, print_json
from bridge.cli.schema_view import as_documents, show
from bridge.printable import say


def check(
    against: Annotated[
        Path | None,
        typer.Option(help="Schemas of another version (a folder that `export` wrote) instead of the committed ones."),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Compare the models and topics with the committed schemas; exit 1 if a reader would break, or if they are stale.

    With --against only what would break a reader counts.
    """
    from bridge.publish import comparison, files

    old = files.read(against or files.COMMITTED, ".json")
    if not old:
        fail(f"There are no published schemas in {against or files.COMMITTED}.")
    found = comparison.differences(old, files.published())
    pages = None if against else files.committed_pages()
    if pages:
        found += comparison.stale_pages(files.read(pages, ".md"), files.pages())
    broken, stale = bool(comparison.breaking(found)), bool(found) and not against
    if output is Format.JSON:
        print_json({"breaking": broken, "stale": stale, "differences": as_documents(found)})
    else:
        show(found)
    if broken:
        say("breaking: readers of the topics would fail.")
    elif stale:
        say("stale: run `bridge schema export`.")
    if broken or stale:
        raise typer.Exit(1)
