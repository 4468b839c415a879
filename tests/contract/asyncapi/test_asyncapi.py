"""The official parser (npm `@asyncapi/parser`) finds nothing in the committed AsyncAPI documents: the one to validate
by, and the one for readers, of which code and the catalogue are made."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from commands.schema.publish.files import ASYNCAPI, COMMITTED
from tests.contract.asyncapi.parser import LOCK, diagnostics

Json = dict[str, Any]

VERSIONS = {ASYNCAPI: "3.1.0", f"reader/{ASYNCAPI}": "3.0.0"}
DOCUMENTS: dict[str, Json] = {name: json.loads((COMMITTED / name).read_text(encoding="utf-8")) for name in VERSIONS}
DOCUMENT = DOCUMENTS[ASYNCAPI]


def one_topic(dataset: str) -> Json:
    """The document with one topic and what that refers to: a tenth of the time to parse."""
    document = deepcopy(DOCUMENT)
    document["channels"] = {dataset: document["channels"][dataset]}
    document["operations"] = {f"send.{dataset}": document["operations"][f"send.{dataset}"]}
    needed = _references(document["channels"])
    for _ in range(3):  # message, schema, part of a schema
        parts = [part for kind in document["components"].values() for name, part in kind.items() if name in needed]
        needed |= _references(parts)
    document["components"] = {
        kind: {name: part for name, part in parts.items() if name in needed}
        for kind, parts in document["components"].items()
    }
    return document


def _references(part: Any) -> set[str]:
    return {reference.rpartition("/")[2] for reference in re.findall(r'"\$ref": "([^"]*)"', json.dumps(part))}


def _no_reference(document: Json) -> None:
    document["components"]["messages"]["gift_card.deactivated"]["payload"]["$ref"] = "#/components/schemas/none"


def _no_schema(document: Json) -> None:
    document["components"]["schemas"]["gift_card.deactivated"]["properties"]["name"]["type"] = "text"


def _no_binding(document: Json) -> None:
    document["channels"]["gift-cards"]["bindings"]["kafka"]["partitions"] = "eight"


FAULTS: dict[str, tuple[Callable[[Json], None], str]] = {
    "no_reference": (_no_reference, "gift_card.deactivated/payload/$ref"),
    "no_schema": (_no_schema, "gift_card.deactivated"),
    "no_binding": (_no_binding, "channels/gift-cards/bindings/kafka/partitions"),
}
"""Faults, and where the parser says that each is."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Json]]:
    """What the parser says of the documents, and of one document with each fault. One start of node serves all."""
    folder = tmp_path_factory.mktemp("asyncapi")
    for name, (fault, _) in FAULTS.items():
        document = one_topic("gift-cards")
        fault(document)
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    named = {name: COMMITTED / name for name in DOCUMENTS} | {file.stem: file for file in folder.glob("*.json")}
    said = diagnostics(named.values())
    return {name: said[path] for name, path in named.items()}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_parser_reports_no_error_no_warning_and_no_hint(found: dict[str, list[Json]], name: str) -> None:
    """But for one: there is a newer version of AsyncAPI, which generators do not know yet."""
    is_older = [{"severity": 2, "path": "asyncapi"}] if VERSIONS[name] != "3.1.0" else []
    assert [{"severity": each["severity"], "path": each["path"]} for each in found[name]] == is_older


@pytest.mark.parametrize("fault", FAULTS)
def test_the_parser_reports_what_is_wrong(found: dict[str, list[Json]], fault: str) -> None:
    """So it ran, and its silence says something."""
    assert any(FAULTS[fault][1] in said["path"] for said in found[fault])


def test_it_is_asyncapi_3_1_and_3_0_for_generators() -> None:
    assert {name: document["asyncapi"] for name, document in DOCUMENTS.items()} == VERSIONS


def test_every_package_of_the_parser_is_locked_by_its_hash_and_no_address() -> None:
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    installed = {path: package for path, package in packages.items() if path}
    assert "node_modules/@asyncapi/parser" in installed
    assert all("integrity" in package and "resolved" not in package for package in installed.values())


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_is_complete_in_itself(document: Json) -> None:
    """Every reference points into it, so any tool can take it as one file."""
    references = re.findall(r'"\$ref": "([^"]*)"', json.dumps(document))
    assert references
    assert all(reference.startswith("#/") for reference in references)
