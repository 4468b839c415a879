from pathlib import Path

from bridge.settings import Settings
from bridge.settings.page import settings_page

PAGE = Path(__file__).parents[4] / "docs" / "settings.md"


def test_the_committed_page_is_the_generated_one() -> None:
    """If not, run `python -m bridge.settings.page > docs/settings.md`."""
    assert PAGE.read_text(encoding="utf-8") == settings_page()


def test_every_setting_is_explained() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert settings_page().count("\n| `BRIDGE_") == len(Settings.model_fields)
