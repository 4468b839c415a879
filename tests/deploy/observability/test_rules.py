"""Which alerts each fault raises, and that an ordinary hour raises none: promtool runs the rules."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.deploy.observability.promtool_cases import Series, case, check, expected
from tests.deploy.observability.rules import FILES, ROOT, alerts, promtool
from tests.deploy.observability.test_silence import SILENT

HERE: Final = Path(__file__).parent
LAST_MINUTE: Final = 100


def read(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


NORMAL: Final[Series] = {name: values for each in read("normal.yml") for name, values in each.items()}
FAULTS: Final = {each["fault"]: each for each in read("faults.yml")}


def test_prometheus_takes_the_rules() -> None:
    done = promtool("check", "rules", *map(str, FILES))
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "duplicate" not in done.stdout + done.stderr


def test_an_ordinary_hour_and_more_is_quiet(tmp_path: Path) -> None:
    """With restarts (of a broker, too), a caller with a wrong key, a body that is no JSON, a short lag, and an order
    that waits a while."""
    check(tmp_path, case(NORMAL, *(expected(minute, []) for minute in range(0, LAST_MINUTE, 2))))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_a_fault_raises_its_alerts_and_no_others(fault: dict[str, Any], tmp_path: Path) -> None:
    quiet = [expected(fault["quiet"], [])] if "quiet" in fault else []
    check(tmp_path, case({**NORMAL, **fault["series"]}, *quiet, expected(fault["at"], fault["fires"])))


@pytest.mark.parametrize(
    ("alert", "counter", "away"),
    [
        ("BridgeWrongTenant critical", 'bridge_ingress_quarantined_total{reason="other_tenant",%s}', 20),
        ("BridgeUnexpectedErrors warning", 'bridge_ingress_refused_total{status="500",cause="unexpected",%s}', 20),
        ("BridgeConflicts warning", 'bridge_events_total{event="order.opened",outcome="conflict",%s}', 70),
    ],
)
def test_what_a_restarted_process_has_counted_is_told_though_it_is_as_much_as_before(
    alert: str, counter: str, away: int, tmp_path: Path
) -> None:
    """However long the process was away. An hour later it is no news. Nor is what was counted before if nothing was
    restarted."""
    job, instance = ("ingress", "i1") if "ingress" in counter else ("worker", "w1")
    process = f'job="{job}",instance="{instance}"'
    started, counted = f"process_start_time_seconds{{{process}}}", counter % process
    before, cases = 101 - away, []
    for counts, fires in ((f"1x{before} _x{away} 1x98", [alert]), (f"1x{before} _x{away} 0x98", []), ("1x200", [])):
        restarts = "1000x200" if counts == "1x200" else f"1000x{before} _x{away} 6100x98"
        quiet = (expected(minute, []) for minute in (95, 175))
        cases.append(case({started: restarts, counted: counts}, expected(110, fires), *quiet))
    check(tmp_path, *cases)


@pytest.mark.parametrize(
    ("alert", "counter"),
    [
        ("BridgeRejected warning", 'bridge_ingress_refused_total{status="400",cause="too_large",%s}'),
        ("BridgeQuarantined warning", 'bridge_quarantined_total{reason="handler_failed",%s}'),
    ],
)
@pytest.mark.parametrize("away", [0, 1, 30])
def test_what_needs_somebody_in_the_morning_is_told_until_then_and_not_for_ever(
    alert: str, counter: str, away: int, tmp_path: Path
) -> None:
    """For a day, even if a process that was away for hours has counted as much as the one before."""
    job, instance = ("ingress", "i1") if "ingress" in counter else ("worker", "w1")
    process = f'job="{job}",instance="{instance}"'
    started, counted = f"process_start_time_seconds{{{process}}}", counter % process
    at, minutes, day = 120, 15, 24 * 4
    before = f"0x{at}" if away == 0 else f"1x{at - away} _x{away - 1}"
    restarts = "1000x300" if away == 0 else f"1000x{at - away} _x{away - 1} {60 * minutes * at}x150"
    lasts = [expected((at + after) * minutes, [alert]) for after in (1, 8, 14 * 4, day - 2)]
    over = [expected((at + after) * minutes, []) for after in (-1, day + 8)]
    series = {started: restarts, counted: f"{before} 1x150"}
    check(tmp_path, case(series, *lasts, *over, interval="15m"), step="15m")


@pytest.mark.parametrize(
    "counter",
    [
        'bridge_ingress_refused_total{status="400",cause="too_large"}',
        'bridge_quarantined_total{reason="handler_failed"}',
    ],
)
def test_a_gap_of_hours_in_what_prometheus_knows_makes_no_news_of_what_was_counted_days_ago(
    counter: str, tmp_path: Path
) -> None:
    """The process ran on meanwhile, so nobody has to look, neither then nor a day later."""
    day, minutes = 24, 60
    quiet = (expected(at * minutes, []) for at in range(2 * day, 4 * day + 4))
    check(tmp_path, case({counter: f"1x{2 * day} _x3 1x{3 * day}"}, *quiet, interval="1h"), step="1h")


@pytest.mark.parametrize(
    ("counter", "alert"),
    [
        ('bridge_ingress_refused_total{status="400",cause="too_large"}', "BridgeRejected warning"),
        ('bridge_quarantined_total{reason="handler_failed"}', "BridgeQuarantined warning"),
    ],
)
def test_what_was_counted_while_prometheus_was_away_for_more_than_a_day_is_told(
    counter: str, alert: str, tmp_path: Path
) -> None:
    """The process ran on meanwhile, and had counted some long before: there is no sample of it within the day."""
    day, minutes = 24, 60
    back = 2 * day + 26
    told = (expected(at * minutes, [alert]) for at in range(back + 1, back + day - 3))
    over = (expected(at * minutes, []) for at in (back + day + 2, back + 3 * day))
    series = {counter: f"1x{2 * day} _x25 6x{4 * day}"}
    check(tmp_path, case(series, *told, *over, interval="1h"), step="1h")


@pytest.mark.parametrize(
    ("stalled", "created", "fires"),
    [
        ("300x{day} 300+10x{day}", "0+10x{days}", ["BridgeOrdersStalled warning"]),
        ("3000x{days}", "0+10x{days}", []),
        ("11x{day} 14x{day}", "0+1x{days}", []),
    ],
    ids=["nothing is captured any more", "as many as ever wait", "a few more in a small shop"],
)
def test_orders_that_stand_still_since_this_morning_are_told_beside_those_of_a_year(
    stalled: str, created: str, fires: list[str], tmp_path: Path
) -> None:
    """In a shop with 1,000 orders a day and 400 days of them, it took nine days until one in fifty stood still."""
    day, minutes = 4 * 24, 15
    series = {
        'bridge_orders{status="completed"}': f"400000x{2 * day}",
        "bridge_orders_stalled": stalled.format(day=day, days=2 * day),
        'bridge_events_total{event="order.created",outcome="unique"}': created.format(days=2 * day),
    }
    hour = 4
    at = (expected((day + after) * minutes, fires) for after in (4 * hour, 12 * hour, 23 * hour))
    check(tmp_path, case(series, expected(day * minutes, []), *at, interval="15m"), step="15m")


def test_conflicts_that_are_held_back_are_told_until_they_are_accepted_or_have_been_left_for_a_week(
    tmp_path: Path,
) -> None:
    """Whichever worker has them. Another conflict after that is news."""
    first, second = (f'bridge_conflicts_open{{instance="{name}"}}' for name in ("w1", "w2"))
    day, minutes = 24, 60
    left = {first: f"0x{day} 2x{day} 0x{9 * day} 1x{2 * day}", second: f"0x{2 * day} 2x{10 * day} 2x{day}"}
    accepted = {first: f"0x{day} 2x{day} 0x{9 * day}"}
    open_now = ["BridgeConflictsOpen warning"]
    check(
        tmp_path,
        case(
            left,
            expected((day - 1) * minutes, []),
            *(expected(at * minutes, open_now) for at in (day + 2, 2 * day + 2, 7 * day)),
            *(expected(at * minutes, []) for at in (8 * day + 2, 9 * day + 2, 10 * day)),
            expected((11 * day + 5) * minutes, open_now),
            interval="1h",
        ),
        case(accepted, expected((day + 2) * minutes, open_now), expected((2 * day + 2) * minutes, []), interval="1h"),
        step="1h",
    )


def test_conflicts_that_came_after_others_were_accepted_are_told_though_there_were_more_a_week_ago(
    tmp_path: Path,
) -> None:
    """What was left is no news, neither then nor a week later, if it goes to another worker, a worker is away for half
    an hour, or Prometheus is for three."""
    day, minutes, held = 24 * 2, 30, 'bridge_conflicts_open{instance="%s"}'
    again = {held % "w1": f"5x{8 * day} 0x{day // 2} 3x{9 * day}"}
    left = {held % "w1": f"2x{8 * day} stale", held % "w2": f"_x{8 * day + 2} 2x{6 * day}"}
    unseen = {held % "w1": f"2x{8 * day} _x6 2x{9 * day}"}
    came = 8 * day + day // 2
    check(
        tmp_path,
        case(
            again,
            expected((8 * day - 4) * minutes, []),
            *(expected((came + after) * minutes, ["BridgeConflictsOpen warning"]) for after in (4, 2 * day, 6 * day)),
            expected((came + 7 * day + 4) * minutes, []),
            interval="30m",
        ),
        case(left, *(expected((8 * day + after) * minutes, []) for after in (1, 2, 4, day, 5 * day)), interval="30m"),
        case(
            unseen,
            *(expected((at * day + after) * minutes, []) for at in (8, 15) for after in range(10)),
            interval="30m",
        ),
        step="30m",
    )


def test_orders_that_one_worker_counts_are_no_larger_share_whenever_another_one_counts_none(tmp_path: Path) -> None:
    """One worker was restarted every three minutes. The share of the orders that were still counted rang: 150 of 5000,
    though it was less than one in fifty of all 10000."""
    series = {
        'bridge_orders{status="open",instance="w1"}': "5000x120",
        'bridge_orders{status="open",instance="w2"}': "5000 5000 stale " * 40,
        'bridge_orders_stalled{instance="w1"}': "150x120",
        'bridge_orders_stalled{instance="w2"}': "0 0 stale " * 40,
    }
    check(tmp_path, case(series, *(expected(minute, []) for minute in (65, 90, 115))))


def test_a_lag_that_goes_from_worker_to_worker_is_counted_once(tmp_path: Path) -> None:
    """Each had told it within the last minutes, and 9,000 records rang as 18,000."""
    series = {
        'bridge_consumer_lag_events{topic="raw",partition="0",instance="w1"}': "9000 9000 stale _ " * 10,
        'bridge_consumer_lag_events{topic="raw",partition="0",instance="w2"}': "_ _ 9000 9000 " * 10,
    }
    check(tmp_path, case(series, *(expected(minute, []) for minute in (15, 25, 35))))


@pytest.mark.parametrize(("service", "alert"), [("ingress", "BridgeIngressAway"), ("worker", "BridgeWorkerAway")])
def test_a_deployment_that_runs_does_not_hide_that_another_one_is_gone(
    service: str, alert: str, tmp_path: Path
) -> None:
    """Nor are two deployments taken for one. A service that was never seen is told, too, as long as the rest of its
    deployment runs."""
    runs = 'bridge_build_info{service="%s",version="1",namespace="%s"}'
    shop, eu = runs % (service, "shop"), runs % (service, "eu")
    (other,) = {"ingress", "worker"} - {service}
    others = {runs % (other, namespace): "1x320" for namespace in ("shop", "eu")}

    def fires(minute: int, *namespaces: str) -> dict[str, Any]:
        raised = [f"{alert} {namespace}" for namespace in namespaces]
        return expected(minute, raised, by="namespace", others=["BridgeNoLanes"])

    check(
        tmp_path,
        case({shop: "1x320", eu: "1 _x319", **others}, fires(5), fires(20, "eu"), fires(1590, "eu"), interval="5m"),
        case({shop: "1 _x24", eu: "1 _x24", **others}, fires(20, "eu", "shop"), interval="5m"),
        case({shop: "1x36", eu: "1x36", **others}, fires(20), interval="5m"),
        case({shop: "1x320", **others}, fires(0), fires(20, "eu"), fires(1590, "eu"), interval="5m"),
        case({}, expected(20, ["BridgeIngressAway critical", "BridgeWorkerAway critical"]), interval="5m"),
        step="5m",
    )


@pytest.mark.parametrize(
    ("values", "fires_at"),
    [
        pytest.param("0x24 700-10x45 250x60", [95, 129], id="it comes to a stand"),
        pytest.param("0x24 700x9 _x1 700x40", [50, 70], id="a lane changes hands"),
        pytest.param("0x24 700-1x105", [], id="it goes on slowly"),
        pytest.param("0x24 700x7 699x21 698x21 697x21", [], id="one in five hours"),
        pytest.param("0x100 700x20", [], id="it has just begun"),
    ],
)
def test_an_upgrade_that_judges_no_order_for_six_hours_is_told(
    values: str, fires_at: list[int], tmp_path: Path
) -> None:
    """As long as it judges any it is not, however many are left."""
    older = {"bridge_orders_of_older_rules": values}
    fires = ["BridgeOrdersOfOlderRules warning"]
    quiet = range(fires_at[0]) if fires_at else range(120)
    check(
        tmp_path,
        case(
            older,
            *(expected(15 * at, []) for at in quiet),
            *(expected(15 * at, fires) for at in fires_at),
            interval="15m",
        ),
        step="15m",
    )


def test_every_alert_is_raised_by_a_fault() -> None:
    raised = {alert for fault in FAULTS.values() for alert in fault["fires"]}
    known = {f"{rule['alert']} {rule['labels']['severity']}" for rule in alerts()}
    of_hours = {"BridgeNothingAccepted critical", "BridgeOrdersOfOlderRules warning", *SILENT}
    assert known - raised == of_hours, "which have tests of their own"
    assert raised <= known


def test_every_alert_is_raised_by_a_fault_that_was_made_with_real_services_too() -> None:
    """In tests/integration, see `alarms.py` there."""
    asked = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "integration").rglob("test_*.py"))
    known = {f"{rule['alert']} {rule['labels']['severity']}" for rule in alerts()}
    assert {alert for alert in known if f'"{alert}"' not in asked} == set()
