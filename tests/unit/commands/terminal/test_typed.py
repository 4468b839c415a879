"""Names that people type."""

import pytest
import typer

from bridge.settings import Settings
from commands.terminal.typed import known_event


def test_a_name_that_is_not_known_is_told_as_it_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    """It was told in small letters, as one that is known; so were those of the settings."""
    settings = Settings(tenant="acme", events=("acme.Parcel_Lost", "order.created"))
    with pytest.raises(typer.Exit) as ended:
        known_event(settings, "Order.Created")
    said = capsys.readouterr().err
    assert ended.value.exit_code == 2
    assert said.startswith('There is no event "Order.Created"; known are ')
    assert "acme.Parcel_Lost" in said
