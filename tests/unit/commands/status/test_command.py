"""The exit code of `bridge status`, by which a job or a script knows that somebody has something to do."""

import pytest

from bridge.settings import Settings
from commands.status import command
from commands.status.picture import KafkaSide, Picture
from tests.unit.commands.conftest import Run
from tests.unit.commands.status.pictures import picture


@pytest.mark.parametrize("output", ["table", "json"])
@pytest.mark.parametrize(
    ("seen", "code"), [(picture(), 0), (picture(kafka=KafkaSide(members=[])), 1)], ids=["nothing", "something"]
)
def test_it_is_1_where_somebody_has_something_to_do(
    bridge: Run, monkeypatch: pytest.MonkeyPatch, seen: Picture, code: int, output: str
) -> None:
    async def look(_: Settings) -> Picture:
        return seen

    monkeypatch.setattr(command, "_seen", look)
    result = bridge("status", "-o", output)
    assert result.exit_code == code
    assert result.stdout
