"""Names that people type."""

import pytest
import typer

from bridge.settings import Settings
from commands.terminal.typed import given_event

SETTINGS = Settings(tenant="acme", events=("acme.Parcel_Lost", "order.created"))


@pytest.mark.parametrize("name", [None, "order.opened", "acme.Parcel_Lost"])
def test_a_name_that_is_known_is_taken_without_a_word(capsys: pytest.CaptureFixture[str], name: str | None) -> None:
    assert given_event(SETTINGS, name) == name
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["consumer_profile.deletion_requested", "order.reopened", "x", "é" * 200])
def test_a_name_that_raw_may_hold_is_taken(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """NewStore sends new names without notice. No command could ask for these, though `tail` shows them."""
    assert given_event(SETTINGS, name) == name
    assert capsys.readouterr().err.startswith("NewStore documents no event")


def test_a_name_that_is_misspelt_is_told_as_it_was_typed_with_what_may_have_been_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The name was shown in small letters, like a known one; so were the names in settings."""
    assert given_event(SETTINGS, "Acme.Parcel_lost") == "Acme.Parcel_lost"
    said, hint = capsys.readouterr().err.splitlines()
    assert '"Acme.Parcel_lost"' in said
    assert hint == "hint: did you mean acme.Parcel_Lost?"


@pytest.mark.parametrize("name", ["", "é" * 201, "\ud800"])
def test_what_no_event_can_be_called_is_refused(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(typer.Exit) as ended:
        given_event(SETTINGS, name)
    assert (ended.value.exit_code, "1 to 200 characters" in capsys.readouterr().err) == (2, True)
