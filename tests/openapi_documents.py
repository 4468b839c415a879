"""The documents in docs/openapi/, written anew: `python -m tests.openapi_documents`. Like `bridge schema export` this
writes nothing where a caller by the committed ones would break; with `--breaking` it does all the same."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import ingress.openapi
import processors.worker.openapi
from bridge.http.openapi import Object, written
from commands.schema.publish.comparison import breaking
from commands.schema.publish.difference import Difference
from commands.schema.publish.schema_difference import schema_differences
from tests.openapi import DOCUMENTS

SERVED: Final[Mapping[str, Object]] = {
    "ingress.json": ingress.openapi.DOCUMENT,
    "worker.json": processors.worker.openapi.DOCUMENT,
}


def breaking_changes(name: str, committed: Object, served: Object) -> list[Difference]:
    """What callers by the committed document would miss: its schemas grow by addition only."""
    return breaking(schema_differences(name, _schemas(committed), _schemas(served)))


def _schemas(document: Object) -> Object:
    """All of them in one JSON Schema, each as a property."""
    parts = json.dumps(document["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/")
    made: Object = {"$defs": json.loads(parts)}
    return made | {"type": "object", "properties": {name: {"$ref": f"#/$defs/{name}"} for name in made["$defs"]}}


def export(folder: Path, *, on_purpose: bool) -> None:
    """Write them. SystemExit: that would break somebody, and nothing was written."""
    found = [
        each
        for name, document in SERVED.items()
        for each in breaking_changes(name, json.loads((folder / name).read_text()), document)
    ]
    if found and not on_purpose:
        said = [f"{each.file}{each.pointer}: {each.what}" for each in found]
        sys.exit("\n".join([*said, "Nothing was written: this would break callers. With --breaking it is done."]))
    for name, document in SERVED.items():
        (folder / name).write_text(written(document))


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--breaking", action="store_true", help="also what would break a caller")
    export(DOCUMENTS, on_purpose=parser.parse_args().breaking)
