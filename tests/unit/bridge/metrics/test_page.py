from pathlib import Path

from bridge.metrics.page import metrics_page
from bridge.metrics.service import DESCRIBED

PAGE = Path(__file__).parents[4] / "docs" / "metrics.md"


def test_the_committed_page_is_the_generated_one() -> None:
    """If not, run `python -m bridge.metrics.page > docs/metrics.md`."""
    assert PAGE.read_text(encoding="utf-8") == metrics_page()


def test_every_metric_is_described_once() -> None:
    names = [(each.service, each.name) for each in DESCRIBED]
    assert len(names) == len(set(names))
    assert all(each.text for each in DESCRIBED)
