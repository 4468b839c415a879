"""Alerts of silence: NewStore sends nothing, nothing is accepted, or it only looks so; run by promtool."""

from pathlib import Path
from typing import Final

import pytest

from tests.deploy.observability.promtool_cases import WEEK, case, check, expected
from tests.deploy.observability.rules import OBSERVABILITY

ON_TIME: Final = 'bridge_delivery_delay_seconds_bucket{le="900.0"}'
SILENT: Final = ["BridgeNoEventForADay critical", "BridgeNoEventForADay warning"]


def test_nothing_accepted_is_an_alarm_where_a_week_ago_there_was_something(tmp_path: Path) -> None:
    """No alarm in the first week, nor if it is quiet each week at this hour. A deployment that is gone has accepted
    nothing."""

    def accepted(values: str, namespace: str = "") -> dict[str, str]:
        label = f',namespace="{namespace}"' if namespace else ""
        by_label = {f'bridge_ingress_events_total{{event="order.opened"{label}}}': values}
        return {**by_label, ON_TIME.replace("}", f"{label}}}"): values}

    stopped, never = accepted(f"0+600x{WEEK} {600 * WEEK}x24"), accepted(f"7x{WEEK + 24}")
    gone = {**accepted(f"0+600x{WEEK + 24}", "shop"), **accepted(f"0+600x{WEEK} _x24", "eu")}
    soon, later = WEEK * 15 + 15, WEEK * 15 + 120
    check(
        tmp_path,
        case(stopped, expected(soon, []), expected(later, ["BridgeNothingAccepted critical"]), interval="15m"),
        case(never, expected(later, []), interval="15m"),
        case(gone, expected(later, ["BridgeNothingAccepted eu"], by="namespace"), interval="15m"),
        step="15m",
        files=[OBSERVABILITY / "rules" / "bridge-ingress.yml"],
    )


def test_a_night_in_which_old_events_were_replayed_is_no_week_ago(tmp_path: Path) -> None:
    """They counted as if NewStore had published them that night, and the same quiet night a week later was an alarm."""
    replayed = {"bridge_ingress_events_total": f"0x4 0+300x20 6000x{WEEK}", ON_TIME: f"0x{WEEK + 24}"}
    check(
        tmp_path,
        case(replayed, *(expected(WEEK * 15 + minute, []) for minute in range(60, 360, 15)), interval="15m"),
        step="15m",
        files=[OBSERVABILITY / "rules" / "bridge-ingress.yml"],
    )


@pytest.mark.parametrize(
    "known_by",
    [
        'bridge_ingress_last_event_timestamp_seconds{instance="i1"}',
        'bridge_last_event_timestamp_seconds{instance="w1"}',
    ],
)
def test_no_event_for_a_day_is_told_however_few_there_were_and_until_there_is_one(
    known_by: str, tmp_path: Path
) -> None:
    """Also in the first week, and as long as it lasts. A deployment that never had an event raises nothing. An ingress
    that was started since knows of no event: a worker finds in its tables when the last one came."""
    day, minutes = 24, 60
    flows, lasts = 3 * day, 14 * day
    stopped = {
        'bridge_build_info{service="ingress"}': f"1x{18 * day}",
        'bridge_ingress_events_total{event="order.opened"}': f"0+3x{flows} {3 * flows}x{lasts}",
        ON_TIME: f"0+3x{flows} {3 * flows}x{lasts}",
        known_by: f"0+3600x{flows} {3600 * flows}x{lasts} {17 * 24 * 3600}x20",
    }
    check(
        tmp_path,
        case(
            stopped,
            *(expected(at * minutes, []) for at in (day, flows, flows + day - 1)),
            *(expected(at * minutes, SILENT[1:]) for at in (flows + day + 2, flows + 3 * day - 1)),
            *(expected(at * minutes, SILENT) for at in (flows + 3 * day + 2, flows + 9 * day, flows + lasts)),
            expected((flows + lasts + 3) * minutes, []),
            interval="1h",
        ),
        case({'bridge_build_info{service="ingress"}': f"1x{9 * day}"}, expected(8 * day * minutes, []), interval="1h"),
        step="1h",
        files=[OBSERVABILITY / "rules" / "bridge-ingress.yml"],
    )


def test_what_commands_write_into_raw_is_no_event_that_came(tmp_path: Path) -> None:
    """A backfill and a replay of quarantine write with the present time, and workers cannot tell. An ingress knows
    better, also one that was replaced since."""
    day, minutes = 24, 60
    silent = {
        'bridge_build_info{service="ingress"}': f"1x{9 * day}",
        'bridge_ingress_last_event_timestamp_seconds{instance="i1"}': f"0+3600x{day} {3600 * day}x{day} stale",
        'bridge_last_event_timestamp_seconds{instance="w1"}': f"0+3600x{9 * day}",
    }
    check(
        tmp_path,
        case(
            silent,
            expected((2 * day - 1) * minutes, []),
            expected((2 * day + 2) * minutes, SILENT[1:]),
            *(expected(at * minutes, SILENT) for at in (4 * day + 2, 8 * day)),
            interval="1h",
        ),
        step="1h",
        files=[OBSERVABILITY / "rules" / "bridge-ingress.yml"],
    )


def test_nor_is_it_once_no_ingress_has_stored_one_for_a_week(tmp_path: Path) -> None:
    """Each replay silenced the alert for a day then. Prometheus keeps when the last event was, also while it is away
    itself, as long as there is a deployment. What an ingress stores counts again at once."""
    day, minutes, last = 24, 60, "bridge_ingress_last_event_timestamp_seconds"
    silent = {
        'bridge_build_info{service="ingress"}': f"1x{16 * day} _x{2 * day} 1x{12 * day}",
        f'{last}{{instance="i1"}}': f"0+3600x{day} {3600 * day}x{day} stale",
        f'{last}{{instance="i2"}}': f"_x{24 * day} {24 * 24 * 3600}x{day}",
        'bridge_last_event_timestamp_seconds{instance="w1"}': f"0+3600x{16 * day} _x{2 * day} 1555200+3600x{6 * day}",
    }
    gone = {
        'bridge_build_info{service="ingress",namespace="gone"}': f"1x{2 * day} stale",
        f'{last}{{namespace="gone"}}': f"0+3600x{day} {3600 * day}x{day} stale",
    }
    check(
        tmp_path,
        case(
            silent,
            *(expected(at * day * minutes, SILENT, others=["BridgeIngressAway"]) for at in (8, 10, 15, 19, 23)),
            expected((24 * day + 2) * minutes, []),
            interval="1h",
        ),
        case(gone, expected(12 * day * minutes, [], others=["BridgeIngressAway"]), interval="1h"),
        step="1h",
        files=[OBSERVABILITY / "rules" / "bridge-ingress.yml"],
    )
