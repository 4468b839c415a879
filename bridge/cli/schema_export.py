"""`bridge schema export`: write the published files, unless that would break a reader."""

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.output import fail
from bridge.cli.schema_view import show
from bridge.printable import say


def export(
    directory: Annotated[
        Path | None, typer.Argument(help="Default: the project's own folders.", file_okay=False)
    ] = None,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="Replace files even if a reader by the old ones would break.")
    ] = False,
) -> None:
    """Write JSON Schemas, AsyncAPI and the topics' pages; exit 1 if that would break a reader of what is there."""
    from bridge.publish import comparison, files

    pages = directory / "topics" if directory else files.committed_pages()
    if pages is None:
        fail("This bridge runs without its project: say where to, `bridge schema export DIR`.")
    schemas = directory or files.COMMITTED
    made = files.published()
    found = comparison.differences(files.read(schemas, ".json"), made)
    if comparison.breaking(found) and not breaking:
        show(comparison.breaking(found))
        say("Nothing was written: this would break readers. With --breaking it is done all the same.")
        raise typer.Exit(1)
    files.write(schemas, made, ".json")
    files.write(pages, files.pages(), ".md")
    say(f"{len(made)} files in {schemas}, a page for each topic in {pages}.")
