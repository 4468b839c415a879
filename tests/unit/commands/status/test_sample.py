"""The sample screen in docs/command-line.md is what `bridge status` prints."""

import io
from datetime import datetime
from pathlib import Path

from bridge.kafka.reading import Source
from bridge.settings import Settings
from commands.status.arrivals import Arrival, Arrivals
from commands.status.picture import KafkaSide, KeptCounts, Picture
from commands.status.view import show
from commands.terminal.output import InertConsole
from commands.terminal.services import Metrics, Sample, Service
from tests.unit.commands.status.pictures import metrics

PAGE = Path(__file__).parents[4] / "docs" / "command-line.md"
SETTINGS = Settings(tenant="acme", partitions=8)
RAW, ORDERS = SETTINGS.topics.raw, SETTINGS.topics.orders
HALTED = (RAW, 3)
AT = datetime.fromisoformat("2026-01-10T11:00:00Z").timestamp()
VERSION: Metrics = {"bridge_build_info": [Sample({"version": "0.1.0"}, 1.0)]}
COUNTED = {"bridge_orders_incomplete": 0.0, "bridge_orders_stalled": 0.0, "bridge_conflicts_open": 7.0}


def worker(processed: int, heard_at: float) -> Service:
    """A worker with all lanes, one of them halted."""
    lanes = {(topic, number): "ready" for topic in (RAW, ORDERS) for number in range(SETTINGS.partitions)}
    known = metrics(lanes | {HALTED: "halted"}, bridge_events_total=processed, **COUNTED)
    lag = [sample._replace(value=1204.0 * (sample.labels == _labels(HALTED))) for sample in known[_LAG]]
    why = f"{HALTED[0]}/{HALTED[1]} halted"
    told = {**known, **VERSION, _LAG: lag}
    return Service("http://10.0.0.5:6066", problems={"lanes": why}, metrics=told, heard_at=heard_at)


_LAG = "bridge_consumer_lag_events"


def _labels(lane: tuple[str, int]) -> dict[str, str]:
    return {"topic": lane[0], "partition": str(lane[1])}


def printed() -> str:
    """The screen with one lane halted."""
    last = Arrival(Source(3, 557), "order.created", round((AT - 0.3) * 1000), 1.2)
    kafka = KafkaSide(
        arrivals=Arrivals(5000, 456, last, (1.2, 4.0)),
        quarantined=KeptCounts(9, 0, {"invalid_json": 9}),
        conflicts=KeptCounts(23, 2, {}),
    )
    ingress = Service("http://127.0.0.1:8080", ready=True, metrics=VERSION)
    before = Picture(SETTINGS, AT - 10, ingress, [worker(1000, AT - 10)], kafka)
    file = io.StringIO()
    console = InertConsole(file=file, width=120, soft_wrap=True)
    show(console, Picture(SETTINGS, AT, ingress, [worker(1074, AT)], kafka, since=before))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def test_the_sample_is_true() -> None:
    assert f"```text\n{printed()}\n```" in PAGE.read_text(encoding="utf-8")
