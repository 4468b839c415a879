"""Examples that are run as their READMEs say all get every record: no two share a consumer group."""

import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"
_DEFAULT = re.compile(r'GROUP_ID\W+"([a-z-]+)"')
_BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
_GIVEN = re.compile(r"\bGROUP_ID=(\S+)")


def default_groups(folder: Path) -> dict[str, str]:
    """By program, as command lines name it: its default group, if it takes one from ``GROUP_ID``."""
    files = [file for file in folder.glob("*/*") if file.suffix in {".go", ".java", ".mjs", ".py"}]
    found = {file: _DEFAULT.search(file.read_text(encoding="utf-8")) for file in files}
    return {"go run" if file.suffix == ".go" else file.name: default[1] for file, default in found.items() if default}


@pytest.mark.parametrize("folder", ["consumers", "warehouse"])
def test_each_example_is_run_in_a_group_of_its_own(folder: str) -> None:
    """Two in one group get a part each, or nothing: two clients may not even have a common way to share."""
    blocks = _BLOCK.findall((EXAMPLES / folder / "README.md").read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.splitlines()]
    groups = {}
    for program, default in default_groups(EXAMPLES / folder).items():
        [command] = [line for line in lines if program in line]
        given = _GIVEN.search(command)
        groups[program] = given[1] if given else default
    assert len(groups) == len(set(groups.values())) == 2, groups
