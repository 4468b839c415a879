"""Whoever runs the examples as their READMEs say has all records in each: no two are members of one consumer group."""

import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"
_DEFAULT = re.compile(r'GROUP_ID\W+"([a-z-]+)"')
_BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
_GIVEN = re.compile(r"\bGROUP_ID=(\S+)")


def default_groups(folder: Path) -> dict[str, str]:
    """Of each program, by how a command line tells it, where it takes a group from ``GROUP_ID``."""
    files = [file for file in folder.glob("*/*") if file.suffix in {".go", ".java", ".mjs", ".py"}]
    found = {file: _DEFAULT.search(file.read_text(encoding="utf-8")) for file in files}
    return {"go run" if file.suffix == ".go" else file.name: default[1] for file, default in found.items() if default}


@pytest.mark.parametrize("folder", ["consumers", "warehouse"])
def test_each_example_is_run_in_a_group_of_its_own(folder: str) -> None:
    """With two in one group each gets a part, or nothing; two clients may not even have a way to share in common."""
    blocks = _BLOCK.findall((EXAMPLES / folder / "README.md").read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.splitlines()]
    groups = {}
    for program, default in default_groups(EXAMPLES / folder).items():
        [command] = [line for line in lines if program in line]
        given = _GIVEN.search(command)
        groups[program] = given[1] if given else default
    assert len(groups) == len(set(groups.values())) == 2, groups
