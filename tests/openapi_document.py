"""Writes the worker's document in docs/openapi/ anew: `python -m tests.openapi_document`. Like `bridge schema export`
it writes nothing if that would break callers by the committed document, unless `--breaking` is given."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path

from bridge.http.openapi import Object, written
from commands.schema.publish.comparison import breaking
from commands.schema.publish.schema_difference import Difference, schema_differences
from processors.worker.openapi import DOCUMENT
from tests.openapi import DOCUMENTS


def breaking_changes(committed: Object, served: Object) -> list[Difference]:
    """What callers by the committed document would miss: its schemas may only grow."""
    return breaking(schema_differences("worker.json", _schemas(committed), _schemas(served)))


def _schemas(document: Object) -> Object:
    """All schemas as one JSON Schema, each as a property."""
    parts = json.dumps(document["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/")
    made: Object = {"$defs": json.loads(parts)}
    return made | {"type": "object", "properties": {name: {"$ref": f"#/$defs/{name}"} for name in made["$defs"]}}


def export(file: Path, *, on_purpose: bool) -> None:
    """Write the document. SystemExit: that would break callers, and nothing was written."""
    found = breaking_changes(json.loads(file.read_text()), DOCUMENT)
    if found and not on_purpose:
        said = [f"{each.file}{each.pointer}: {each.what}" for each in found]
        sys.exit("\n".join([*said, "Nothing was written: this would break callers. With --breaking it is done."]))
    file.write_text(written(DOCUMENT))


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--breaking", action="store_true", help="also what would break a caller")
    export(DOCUMENTS / "worker.json", on_purpose=parser.parse_args().breaking)
