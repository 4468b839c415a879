"""The checker cannot make the bridge's mistakes: it reaches nothing of the bridge."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import tests.programs.checker

ALLOWED = sys.stdlib_module_names | {"confluent_kafka"}


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_it_imports_itself_and_what_the_bridge_does_not_use() -> None:
    modules = sorted(Path(*tests.programs.checker.__path__).rglob("*.py"))
    names = {name for module in modules for name in imported(module.read_text())}
    assert "tests.programs.checker.record" in names
    assert not [
        name for name in names if not name.startswith("tests.programs.checker.") and name.split(".")[0] not in ALLOWED
    ]
