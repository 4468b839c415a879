"""`bridge schema ...`: the events' models, and what they give to teams that read the topics."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bridge.printable import printable, say
from commands.schema import drift_command as drift
from commands.schema.ddl.command import print_ddl
from commands.schema.publish import comparison, files
from commands.schema.publish.schema_difference import Difference
from commands.schema.register.command import register
from commands.terminal.examples import examples, with_examples
from commands.terminal.output import Format, FormatOption, console, fail, print_json, print_line
from commands.terminal.tables import table

app = typer.Typer(
    name="schema",
    help=with_examples(
        "The events' models: publish their schemas, compare them with published ones and with real events; tables.",
        "bridge schema check",
        "bridge schema drift --topic orders",
    ),
    no_args_is_help=True,
    add_completion=False,
)


class Profile(StrEnum):
    """Who the schemas are for."""

    TOLERANT = "tolerant"
    READER = "reader"


_FILES = {None: files.published, Profile.TOLERANT: files.tolerant, Profile.READER: files.for_generators}


@examples("bridge schema export", "bridge schema export build/schemas --profile reader")
def export(
    directory: Annotated[
        Path | None, typer.Argument(help="Default: the project's own folders.", file_okay=False)
    ] = None,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="Replace files even if a reader by the old ones would break.")
    ] = False,
    profile: Annotated[
        Profile | None,
        typer.Option(help="Only what validates (tolerant), or what code is generated from (reader), into DIRECTORY."),
    ] = None,
) -> None:
    """Write JSON Schemas, AsyncAPI, data contracts and the topics' pages; exit 1 if that would break a reader.

    Without --profile it writes both profiles, the reader's one into `reader/`.
    """
    pages = directory / "topics" if directory else files.committed_pages()
    if pages is None or (profile and not directory):
        fail("Say where to: `bridge schema export DIR`.")
    schemas = directory or files.COMMITTED
    made = _FILES[profile]()
    with _of_files():
        found = comparison.differences(files.read(schemas, ".json"), made)
    if comparison.breaking(found) and not breaking:
        _show(comparison.breaking(found))
        say("Nothing was written: this would break readers. With --breaking it is done all the same.")
        raise typer.Exit(1)
    with _of_files():
        files.write(schemas, made, ".json")
        if profile is None:
            files.write(pages, files.pages(), ".md")
            files.write(schemas / files.CONTRACTS, files.contracts(), ".yaml")
    say(f"{len(made)} files in {schemas}{'' if profile else f', contracts there, a page for each topic in {pages}'}.")


@examples("bridge schema check", "bridge schema check --against ../before/schemas/generated")
def check(
    against: Annotated[
        Path | None,
        typer.Option(help="Schemas of another version (a folder that `export` wrote) instead of the committed ones."),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Compare the models and topics with the committed schemas; exit 1 if a reader would break, or if they are stale.

    With --against only changes that break a reader count.
    """
    with _of_files():
        old = files.read(against or files.COMMITTED, ".json")
    if not old:
        fail(f"There are no published schemas in {against or files.COMMITTED}.")
    with _of_files():
        found = comparison.differences(old, files.published())
    pages = None if against else files.committed_pages()
    if pages:
        found += comparison.stale("docs/topics", files.read(pages, ".md"), files.pages())
        committed = files.read(files.COMMITTED / files.CONTRACTS, ".yaml")
        found += comparison.stale(files.CONTRACTS, committed, files.contracts())
    broken, stale = bool(comparison.breaking(found)), bool(found) and not against
    if output is Format.JSON:
        print_json({"breaking": broken, "stale": stale, "differences": _as_documents(found)})
    else:
        _show(found)
    if broken:
        say("breaking: readers of the topics would fail.")
    elif stale:
        say("stale: run `bridge schema export`.")
    if broken or stale:
        raise typer.Exit(1)


@contextmanager
def _of_files() -> Iterator[None]:
    """If a file or folder cannot be used, print one sentence and exit 2."""
    try:
        yield
    except OSError as error:
        fail(f"{printable(str(error.filename))} cannot be used: {error.strerror}.")
    except UnicodeDecodeError:
        fail("There is a file that is no UTF-8, so the bridge has not written it.")
    except comparison.NotOursError as error:
        fail(f"{error} is not what the bridge writes: restore it, or delete it and export again.")


def _show(found: Sequence[Difference]) -> None:
    """Print a line for each difference, or a sentence if there is none."""
    if not found:
        print_line("No difference.")
        return
    rows = table("effect", "file", "at", "what")
    for each in found:
        rows.add_row(each.effect.value, each.file, each.pointer, each.what)
    console().print(rows)


def _as_documents(found: Sequence[Difference]) -> list[dict[str, Any]]:
    """The differences as JSON objects."""
    return [asdict(each) for each in found]


app.command("export")(export)
app.command("check")(check)
app.command("drift")(drift.drift)
app.command("ddl")(print_ddl)
app.command("register")(register)
