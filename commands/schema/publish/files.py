"""The published files, made from the models and the topics' facts, and the committed ones."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
import yaml
from pydantic import BaseModel

import schemas
from bridge.settings import Settings
from commands.schema.publish import examples, reader_files
from commands.schema.publish.asyncapi import asyncapi_document
from commands.schema.publish.contracts import contract, public_datasets
from commands.schema.publish.json_schema import Schema, event_schema, other_schemas
from commands.schema.publish.topic_page import topic_page
from commands.terminal.output import fail
from commands.terminal.topics import datasets
from schemas.cloud_events import URN
from schemas.models import EVENT_MODELS

CONTRACTS: Final = "contracts"
Files = dict[str, str]
"""Texts by path: `events/<name>.json`, `<other schema>.json`, `asyncapi.json`, and the same for the reader's profile in
`reader/`. Pages: `<dataset>.md`; contracts: `<dataset>.odcs.yaml`."""

ASYNCAPI: Final = "asyncapi.json"
COMMITTED: Final = Path(schemas.__file__).with_name("generated")
"""Part of the installed package, too."""

_PROJECT: Final = Path(schemas.__file__).parents[1]


def committed_pages() -> Path | None:
    """The folder of the topics' pages; None: the bridge does not run from its project."""
    return _PROJECT / "docs" / "topics" if (_PROJECT / "pyproject.toml").is_file() else None


def published(models: Mapping[str, type[BaseModel]] = EVENT_MODELS) -> Files:
    """All schemas and AsyncAPI documents. They are for default settings, whatever the environment says."""
    reader = for_generators(models)
    return tolerant(models) | {f"{reader_files.FOLDER}/{name}": text for name, text in reader.items()}


def tolerant(models: Mapping[str, type[BaseModel]] = EVENT_MODELS) -> Files:
    """The schemas that validate records."""
    made = {f"events/{name}": event_schema(name, model) for name, model in models.items()} | other_schemas()
    return _with_examples(made) | {ASYNCAPI: _text(asyncapi_document(made, _defaults()))}


def for_generators(models: Mapping[str, type[BaseModel]] = EVENT_MODELS) -> Files:
    """The reader's profile, for code generators."""
    made = reader_files.reader_schemas(models)
    whole = {
        f"{reader_files.ALL_TYPES}.json": _text(reader_files.all_types(made)),
        ASYNCAPI: _text(reader_files.reader_asyncapi(made, _defaults())),
    }
    return _with_examples(made) | whole


def contracts() -> Files:
    """The data contract of each public topic."""
    made, found = reader_files.reader_schemas(EVENT_MODELS), datasets(_defaults())
    documents = {dataset: contract(dataset, found[dataset], made, _defaults()) for dataset in public_datasets()}
    return {f"{dataset}.odcs.yaml": _GENERATED + _yaml(document) for dataset, document in documents.items()}


def pages() -> Files:
    """The page of each topic."""
    return {f"{dataset}.md": topic_page(dataset, spec) for dataset, spec in datasets(_defaults()).items()}


def read(folder: Path, ending: str) -> Files:
    """The published files in a folder with this ending; others are ignored."""
    return dict(sorted(_published_in(folder, ending)))


def _published_in(folder: Path, ending: str) -> Iterator[tuple[str, str]]:
    for file in folder.rglob(f"*{ending}"):
        text = file.read_text(encoding="utf-8")
        if URN in text or "bridge schema export" in text:
            yield file.relative_to(folder).as_posix(), text


def write(folder: Path, files: Files, ending: str) -> None:
    """Write these files into a folder; delete other published files with this ending."""
    for name in read(folder, ending).keys() - files.keys():
        (folder / name).unlink()
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _with_examples(schemas: Mapping[str, Schema]) -> Files:
    if sys.flags.optimize > 1:
        fail("Python runs without docstrings, which are the schemas' descriptions: leave out -OO or PYTHONOPTIMIZE=2.")
    return {f"{name}.json": _text({**schema, "examples": _examples(name)}) for name, schema in schemas.items()}


def _examples(name: str) -> list[Any]:
    if name.startswith("events/"):
        return [examples.event_body(name.removeprefix("events/"))]
    return [_EXAMPLES[name]()]


_EXAMPLES: Final[Mapping[str, Callable[[], Any]]] = {
    "envelope": lambda: examples.event_body("refund_request.issued"),
    "order-state": lambda: examples.order_state().value,
    "order-lines": lambda: examples.order_line().value,
    "conflicts": lambda: examples.as_document(examples.event_record("conflicts", "order.items_cancelled")),
    "quarantine": lambda: examples.as_document(examples.quarantined()),
    "oversize-stub": lambda: examples.oversize().value,
}


def _defaults() -> Settings:
    # Unlike Settings(), this reads no environment. It has every possible topic.
    return Settings.model_construct(tenant="", order_lines=True)


_GENERATED: Final = "# Generated by `bridge schema export` from the models and topics.\n"


def _yaml(document: Any) -> str:
    plain = orjson.loads(orjson.dumps(document))  # without this, YAML anchors repeated objects
    return str(yaml.dump(plain, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=110))


class _Readable(yaml.SafeDumper):
    """Writes texts of several lines in block style."""


_Readable.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def _text(document: Schema) -> str:
    return orjson.dumps(
        document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    ).decode()
