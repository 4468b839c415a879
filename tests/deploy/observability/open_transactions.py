"""Which source partitions are behind an open transaction, as a worker's metrics tell."""

from typing import Final

from prometheus_client.parser import text_string_to_metric_families

_ENDS: Final = ("bridge_source_high_watermark_offset", "bridge_source_last_stable_offset")


def behind_one(page: str) -> set[str]:
    """`topic/partition` of each: its high watermark is not its last stable offset."""
    high, stable = (_offsets(page, name) for name in _ENDS)
    return {place for place, end in high.items() if end != stable[place]}


def _offsets(page: str, name: str) -> dict[str, float]:
    found = (each for each in text_string_to_metric_families(page) if each.name == name)
    return {f"{it.labels['topic']}/{it.labels['partition']}": it.value for each in found for it in each.samples}
