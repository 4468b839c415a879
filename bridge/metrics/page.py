"""docs/metrics.md, made from the metrics themselves: `python -m bridge.metrics.page > docs/metrics.md`."""

import sys
from typing import Final

from bridge.metrics.service import DESCRIBED, Described

_HEAD: Final = """\
# Metrics

`GET /metrics` of each service, in Prometheus' text format. This page is generated from `bridge/metrics/__init__.py` by
`python -m bridge.metrics.page > docs/metrics.md`. `event` is one of the 42 names or `other`. Beside these there are
those of the process (`process_*`), of Python and its collector (`python_*`).
"""


def metrics_page() -> str:
    """The whole page, a table for each service."""
    services = dict.fromkeys(each.service for each in DESCRIBED)
    return _HEAD + "".join(_table(service) for service in services)


def _table(service: str) -> str:
    rows = "".join(_row(each) for each in DESCRIBED if each.service == service)
    return f"\n## {service}\n\n| metric | kind | what it is | odd, and where to look |\n|---|---|---|---|\n{rows}"


def _row(each: Described) -> str:
    labels = f"{{{','.join(each.labels)}}}" if each.labels else ""
    return f"| `{each.name}{labels}` | {each.kind} | {each.text} | {each.odd or 'never'} |\n"


if __name__ == "__main__":
    sys.stdout.write(metrics_page())
