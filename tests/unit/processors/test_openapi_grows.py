"""What the HTTP APIs answer grows by addition only."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.openapi import DOCUMENTS
from tests.openapi_documents import SERVED, breaking_changes, export

COMMITTED = {name: json.loads((DOCUMENTS / name).read_text()) for name in SERVED}
SCHEMAS = COMMITTED["worker.json"]["components"]["schemas"]


@pytest.mark.parametrize("name", SERVED)
def test_callers_by_the_committed_document_find_all_that_it_tells_of(name: str) -> None:
    """Else, if it is meant: `python -m tests.openapi_documents --breaking`."""
    assert breaking_changes(name, COMMITTED[name], SERVED[name]) == []


@pytest.mark.parametrize("schema", SCHEMAS)
def test_removing_any_field_of_any_answer_is_breaking(schema: str) -> None:
    for field in SCHEMAS[schema]["properties"]:
        changed: Any = deepcopy(COMMITTED["worker.json"])
        del changed["components"]["schemas"][schema]["properties"][field]
        found = breaking_changes("worker.json", COMMITTED["worker.json"], changed)
        where = f"/properties/{schema}/properties/{field}"
        assert (where, "removed or renamed") in {(each.pointer, each.what) for each in found}


def test_a_field_more_breaks_nobody() -> None:
    changed = deepcopy(COMMITTED["worker.json"])
    changed["components"]["schemas"]["Timeline"]["properties"]["more"] = {"type": "string"}
    assert breaking_changes("worker.json", COMMITTED["worker.json"], changed) == []


def test_what_would_break_callers_is_only_written_on_purpose(tmp_path: Path) -> None:
    before = deepcopy(COMMITTED)
    before["worker.json"]["components"]["schemas"]["Gap"]["properties"]["gone"] = {"type": "string"}
    for name, document in before.items():
        (tmp_path / name).write_text(json.dumps(document))
    with pytest.raises(SystemExit, match=r"worker\.json/properties/Gap/properties/gone: removed or renamed"):
        export(tmp_path, on_purpose=False)
    assert {name: json.loads((tmp_path / name).read_text()) for name in SERVED} == before
    export(tmp_path, on_purpose=True)
    assert {name: json.loads((tmp_path / name).read_text()) for name in SERVED} == dict(SERVED)
