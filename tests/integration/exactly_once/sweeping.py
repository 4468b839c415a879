"""An orders handler with work that no record causes: it tells of each order once, in a topic of its own, and notes that
in a row.

``BRIDGE_TEST_SWEEP`` (read by ``child.py``) sets it up in a worker: ``once``, or ``fail`` for one that raises."""

from dataclasses import replace

from bridge.settings import Settings
from processors.engine.options import EngineOptions
from processors.engine.unit import Unit
from processors.orders.agent import Orders
from processors.orders.table import TABLE, order_id_of, row_key
from processors.worker import app, lane_health

SWEPT = "swept"
"""The dataset that the topic is named after."""
_NOTE = b"swept/"
_AT_ONCE = 3
_MOST = 100_000


def set_up(how: str) -> None:
    """From now on, the workers of this process sweep."""
    options = app.engine_options

    def with_topic(settings: Settings, migrations: int = 0) -> EngineOptions:
        engine = options(settings, migrations)
        return replace(engine, outputs=(*engine.outputs, f"{settings.topic_prefix}.{SWEPT}.v1"))

    app.engine_options = with_topic
    Orders.tick = _fail if how == "fail" else _tell  # type: ignore[assignment, method-assign]
    lane_health.UNTICKED_S = 3.0  # type: ignore[misc]  # seconds; nobody waits a minute here


def _tell(self: Orders, unit: Unit, now_ms: int) -> bool:
    """Tell of the next orders that no row notes. They are few at a time, so that there are many transactions."""
    orders = [id_ for key, _ in unit.scan(TABLE, row_key(b""), b"", _MOST) if (id_ := order_id_of(key)) is not None]
    notes = unit.get_many(TABLE, [_NOTE + order for order in orders])
    due = [order for order, note in zip(orders, notes, strict=True) if note is None]
    topic = self._topics.order_state.replace("order-state", SWEPT)
    for order in due[:_AT_ONCE]:
        unit.put(TABLE, _NOTE + order, b"1", now_ms)
        unit.emit(topic, unit.partition, order, b"%d" % now_ms, now_ms)
    return len(due) > _AT_ONCE


def _fail(_self: Orders, unit: Unit, now_ms: int) -> bool:
    unit.put(TABLE, _NOTE, b"never", now_ms)
    raise ValueError("a bug of the test's")
