"""`bridge schema export` and `bridge schema check`, in folders of their own."""

import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from typer.testing import CliRunner

from commands.app import app
from schemas.cloud_events import URN
from tests.unit.commands.conftest import Run

pytestmark = pytest.mark.thorough

EVENT, ASYNCAPI = Path("events/order.opened.json"), Path("asyncapi.json")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is exported, to be copied: made once, as that takes longer than most tests."""
    folder = tmp_path_factory.mktemp("everything")
    assert CliRunner().invoke(app, ["schema", "export", str(folder)]).exit_code == 0
    return folder


@pytest.fixture
def exported(everything: Path, tmp_path: Path) -> Path:
    """A folder with everything."""
    return copytree(everything, tmp_path, dirs_exist_ok=True)


def edit(file: Path, field: str, schema: dict[str, Any] | None) -> None:
    """Give the published schema's payload this field, or take it away."""
    document = json.loads(file.read_text(encoding="utf-8"))
    fields = document["$defs"]["OrderPayload"]["properties"]
    if schema is None:
        del fields[field]
    else:
        fields[field] = schema
    file.write_text(json.dumps(document), encoding="utf-8")


def test_the_committed_schemas_pass(bridge: Run) -> None:
    """CI runs this; no setting is needed."""
    result = bridge("schema", "check", tenant=None)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "No difference.\n", "")


def test_what_was_exported_is_complete_and_passes(bridge: Run, exported: Path) -> None:
    assert len(list((exported / "events").iterdir())) == 42
    assert len(list((exported / "topics").iterdir())) == 16
    assert (exported / "asyncapi.json").exists()
    assert bridge("schema", "check", "--against", str(exported)).exit_code == 0


def test_a_field_that_readers_knew_and_that_is_gone_fails_the_check(bridge: Run, exported: Path) -> None:
    edit(exported / EVENT, "loyalty_points", {"type": "integer"})
    result = bridge("schema", "check", "--against", str(exported))
    assert result.exit_code == 1
    assert "/properties/payload/properties/loyalty_points" in result.stdout
    assert "breaking" in result.stderr


def test_where_a_difference_is_is_told_whole_however_long_its_name(bridge: Run, exported: Path) -> None:
    name = "x" * 300
    edit(exported / EVENT, name, {"type": "integer"})
    assert bridge("schema", "check", "--against", str(exported)).stdout.count("x") >= len(name)


def test_a_new_field_passes_against_an_older_version(bridge: Run, exported: Path) -> None:
    edit(exported / EVENT, "grand_total", None)
    result = bridge("schema", "check", "--against", str(exported), "-o", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "breaking": False,
        "stale": False,
        "differences": [
            {
                "effect": "compatible",
                "file": str(EVENT),
                "pointer": "/properties/payload/properties/grand_total",
                "what": "new field",
            }
        ],
    }


def test_the_same_new_field_in_the_committed_schemas_is_stale(
    bridge: Run, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(exported / EVENT, "grand_total", None)
    monkeypatch.setattr("commands.schema.publish.files.COMMITTED", exported)
    result = bridge("schema", "check")
    assert result.exit_code == 1
    assert result.stderr == "stale: run `bridge schema export`.\n"


def test_a_page_that_is_not_as_it_would_be_made_is_stale(
    bridge: Run, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = exported / "topics" / "raw.md"
    page.write_text(page.read_text(encoding="utf-8") + "By hand.\n", encoding="utf-8")
    monkeypatch.setattr("commands.schema.publish.files.committed_pages", lambda: exported / "topics")
    result = bridge("schema", "check")
    assert result.exit_code == 1
    assert "docs/topics/raw.md" in result.stdout
    assert "stale" in result.stderr


def test_export_replaces_nothing_that_a_reader_needs_unless_told_to(bridge: Run, exported: Path) -> None:
    edit(exported / EVENT, "loyalty_points", {"type": "integer"})
    before = (exported / EVENT).read_text(encoding="utf-8")
    refused = bridge("schema", "export", str(exported))
    assert refused.exit_code == 1
    assert "loyalty_points" in refused.stdout
    assert (exported / EVENT).read_text(encoding="utf-8") == before
    assert bridge("schema", "export", str(exported), "--breaking").exit_code == 0
    assert "loyalty_points" not in (exported / EVENT).read_text(encoding="utf-8")


def test_export_deletes_what_is_not_published_any_more_and_nothing_else(bridge: Run, exported: Path) -> None:
    gone, other = exported / "events" / "order.archived.json", exported / "events" / "notes.json"
    gone.write_text((exported / EVENT).read_text(encoding="utf-8"), encoding="utf-8")
    other.write_text("{}", encoding="utf-8")
    assert bridge("schema", "export", str(exported)).exit_code == 1
    assert bridge("schema", "export", str(exported), "--breaking").exit_code == 0
    assert (gone.exists(), other.exists()) == (False, True)


@pytest.mark.parametrize("command", [("export",), ("check", "--against")])
@pytest.mark.parametrize(
    ("file", "text"),
    [
        (EVENT, f"<<<<<<< HEAD\n{URN}"),
        (EVENT, f'["{URN}"]'),
        (EVENT, f'{{"$id":"{URN}","type":"object","properties":[]}}'),
        (ASYNCAPI, f'{{"id":"{URN}"}}'),
    ],
)
def test_a_file_that_the_bridge_has_not_written_is_named(
    bridge: Run, exported: Path, command: tuple[str, ...], file: Path, text: str
) -> None:
    """A merge may have left its marks. The command ended in a traceback, with the exit code of a breaking change."""
    (exported / file).write_text(text, encoding="utf-8")
    result = bridge("schema", *command, str(exported))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{file} is not what the bridge writes: restore it, or delete it and export again.\n"


def test_a_folder_without_schemas_is_wrong_use(bridge: Run, tmp_path: Path) -> None:
    result = bridge("schema", "check", "--against", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(tmp_path) in result.stderr


def test_without_its_project_export_asks_where_to(bridge: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.schema.publish.files.committed_pages", lambda: None)
    result = bridge("schema", "export")
    assert result.exit_code == 2
    assert "export DIR" in result.stderr


@pytest.mark.parametrize("profile", ["tolerant", "reader"])
def test_a_profile_is_exported_alone(bridge: Run, tmp_path: Path, profile: str) -> None:
    assert bridge("schema", "export", str(tmp_path), "--profile", profile, tenant=None).exit_code == 0
    assert len(list((tmp_path / "events").iterdir())) == 42
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["events"]
    event = json.loads((tmp_path / EVENT).read_text(encoding="utf-8"))
    assert event["title"] == {"tolerant": "order.opened", "reader": "OrderOpened"}[profile]


def test_a_profile_alone_has_no_folder_of_its_own_in_the_project(bridge: Run) -> None:
    assert bridge("schema", "export", "--profile", "reader", tenant=None).exit_code == 2


@pytest.mark.parametrize("arguments", [("check",), ("export",), ("export", "--profile", "reader")])
def test_python_without_docstrings_makes_no_schemas(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """They are the descriptions. Schemas without any were written, before a traceback or as if all were well."""
    command = [sys.executable, "-OO", "-m", "commands", "schema", *arguments]
    if "export" in arguments:
        command.append(str(tmp_path))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert done.stderr.startswith("Python runs without docstrings")
