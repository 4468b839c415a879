"""What the worker answers grows by addition only."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from processors.worker.openapi import DOCUMENT
from tests.openapi import DOCUMENTS
from tests.openapi_document import breaking_changes, export

COMMITTED = json.loads((DOCUMENTS / "worker.json").read_text())
SCHEMAS = COMMITTED["components"]["schemas"]


def test_callers_by_the_committed_document_find_all_that_it_tells_of() -> None:
    """If not, and that is meant: `python -m tests.openapi_document --breaking`."""
    assert breaking_changes(COMMITTED, DOCUMENT) == []


@pytest.mark.thorough
@pytest.mark.parametrize("schema", SCHEMAS)
def test_removing_any_field_of_any_answer_is_breaking(schema: str) -> None:
    for field in SCHEMAS[schema]["properties"]:
        changed: Any = deepcopy(COMMITTED)
        del changed["components"]["schemas"][schema]["properties"][field]
        found = breaking_changes(COMMITTED, changed)
        where = f"/properties/{schema}/properties/{field}"
        assert (where, "removed or renamed") in {(each.pointer, each.what) for each in found}


def test_a_field_more_breaks_nobody() -> None:
    changed = deepcopy(COMMITTED)
    changed["components"]["schemas"]["Timeline"]["properties"]["more"] = {"type": "string"}
    assert breaking_changes(COMMITTED, changed) == []


def test_what_would_break_callers_is_only_written_on_purpose(tmp_path: Path) -> None:
    before, file = deepcopy(COMMITTED), tmp_path / "worker.json"
    before["components"]["schemas"]["Gap"]["properties"]["gone"] = {"type": "string"}
    file.write_text(json.dumps(before))
    with pytest.raises(SystemExit, match=r"worker\.json/properties/Gap/properties/gone: removed or renamed"):
        export(file, on_purpose=False)
    assert json.loads(file.read_text()) == before
    export(file, on_purpose=True)
    assert json.loads(file.read_text()) == DOCUMENT
