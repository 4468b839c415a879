"""Calls a service in every way that its OpenAPI document allows, and in some that it does not; checks that the document
tells all that an answer has."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

DOCUMENTS: Final = Path(__file__).parents[1] / "docs" / "openapi"
_EXAMPLES: Final = 50
_SEED: Final = 1
_PATIENCE_S: Final = 120
"""For an answer: the ingress waits for Kafka longer than schemathesis' own 10 s."""


def assert_conforms(url: str, key: str, scratch: Path, *without: str) -> None:
    """schemathesis finds nothing: statuses, headers, content types and bodies are the document's, keys are asked for,
    other methods are refused. It leaves its notes in `scratch`. `without`: its checks that do not fit the service."""
    program = str(Path(sys.executable).with_name("schemathesis"))
    command = [program, "--no-color", "run", f"{url}/openapi.json", "--checks", "all"]
    options = ["-H", f"Authorization: Bearer {key}", "--seed", str(_SEED), "--max-examples", str(_EXAMPLES)]
    options += ["--request-timeout", str(_PATIENCE_S)]
    left_out = ["--exclude-checks", ",".join(without)] if without else []
    done = subprocess.run([*command, *options, *left_out], cwd=scratch, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout, done.stdout


def assert_told(document: Mapping[str, Any], path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """An answer to a GET has the entity tag and the fields of the document, and no others; the schemas alone would let
    fields of later versions pass. Names of `headers` are in lower case."""
    [operation] = [of["get"] for template, of in document["paths"].items() if "get" in of and _is_of(template, path)]
    response = operation["responses"][str(status)]
    assert ("etag" in headers) == ("ETag" in response.get("headers", {})), path
    schema = {**response["content"]["application/json"]["schema"], "components": _closed(document["components"])}
    faults = Draft202012Validator(schema).iter_errors(json.loads(body))
    assert [(each.json_path, each.message) for each in faults] == [], path


def _is_of(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def _closed(part: Any) -> Any:
    """The schemas, without room for fields that they do not tell."""
    if isinstance(part, list):
        return [_closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    closed = {name: _closed(each) for name, each in part.items()}
    return closed | {"additionalProperties": False} if isinstance(part.get("properties"), dict) else closed
