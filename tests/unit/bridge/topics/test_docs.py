"""docs/topics.md says of each topic what `bridge topics apply` makes."""

from pathlib import Path

from bridge.settings import Settings
from bridge.topics import specs

TEXT = (Path(__file__).parents[4] / "docs" / "topics.md").read_text(encoding="utf-8")
DAY_MS = 24 * 60 * 60 * 1000


def rows() -> dict[str, list[str]]:
    """The table's cells by dataset."""
    cells = ([cell.strip() for cell in line.split("|")[1:-1]] for line in TEXT.splitlines() if line.startswith("| `"))
    return {row[0].strip("`"): row for row in cells if len(row) == 5}


def test_the_table_has_every_topic_with_its_cleanup_and_retention() -> None:
    settings, documented = Settings(tenant="acme", order_lines=True), rows()
    assert list(documented) == [spec.name.split(".")[1] for spec in specs(settings)]
    for spec in specs(settings):
        _, _, _, cleanup, kept = documented[spec.name.split(".")[1]]
        assert cleanup == spec.config["cleanup.policy"]
        if retention := spec.config.get("retention.ms"):
            assert kept.startswith(f"{int(retention) // DAY_MS} days")


def test_every_configuration_entry_is_explained(settings: Settings) -> None:
    own_table = {"cleanup.policy", "retention.ms"}
    entries = {name for spec in specs(settings) for name in spec.config} - own_table
    assert not {name for name in entries if f"`{name}`" not in TEXT}
