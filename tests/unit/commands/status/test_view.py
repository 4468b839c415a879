"""How a picture is shown: on one screen, and as a document for programs."""

import pytest

from bridge.kafka.reading import Source
from commands.status.arrivals import Arrival, Arrivals
from commands.status.picture import NEWEST, KafkaSide, KeptCounts
from commands.status.problems import problems
from commands.status.view import document, show
from commands.terminal.output import InertConsole
from commands.terminal.services import Sample, Service
from tests.terminal import HOSTILE, assert_inert
from tests.unit.commands.status.pictures import LANES, ORDERS, RAW, picture, worker

COMMIT = "745449fc7e0e1b1b1c66cd6b4a5d86d7e8a7a1b2"


@pytest.mark.parametrize(
    ("records", "open_", "said"),
    [
        (NEWEST + 1, 0, "1,001 in the last hour, none of the newest 1,000 open"),
        (NEWEST + 1, 7, "1,001 in the last hour, at least 7 open"),
        (NEWEST, 0, "1,000 in the last hour, 0 open"),
        (NEWEST, 7, "1,000 in the last hour, 7 open"),
    ],
)
def test_how_many_are_open_is_said_of_those_that_were_looked_at(
    records: int, open_: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`at least 0 open` told nothing."""
    show(InertConsole(width=120), picture(kafka=KafkaSide(conflicts=KeptCounts(records, open_, {}))))
    assert f"{said}\n" in "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())


HALVES = dict.fromkeys([LANES[0], LANES[2]], "ready"), dict.fromkeys([LANES[1], LANES[3]], "opening")


@pytest.mark.parametrize(
    ("told", "said", "number"),
    [
        ((3.0, 4.0), "1 in the last hour, 1 open; 7 open of any age", 7),
        ((3.0, None), "1 in the last hour, 1 open; at least 3 open of any age", None),
        ((1.0, 0.0), "1 in the last hour, 1 open", 1),
        ((0.0, None), "1 in the last hour, 1 open", None),
    ],
)
def test_conflicts_from_before_the_last_hour_are_told_and_are_no_problem(
    told: tuple[float | None, ...], said: str, number: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """On Monday `0 open` stood beside an alert of those that came on Saturday. None can be rejected, so they may be
    left on purpose."""
    workers = [
        worker(lanes) if open_ is None else worker(lanes, bridge_conflicts_open=open_)
        for lanes, open_ in zip(HALVES, told, strict=True)
    ]
    seen = picture(workers, kafka=KafkaSide(conflicts=KeptCounts(1, 1, {})))
    show(InertConsole(width=120), seen)
    assert f"conflicts   {said}\n" in "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    assert document(seen)["conflicts_open"] == number
    none = picture(workers, kafka=KafkaSide(conflicts=KeptCounts(0, 0, {})))
    assert not list(problems(none))


def test_a_part_of_the_lanes_does_not_tell_of_all_conflicts() -> None:
    assert picture([worker(HALVES[0], bridge_conflicts_open=3)]).conflicts_told() == (3, False)


def test_what_is_not_known_is_null() -> None:
    found = document(picture([Service("http://w", silence="no answer")], kafka=KafkaSide(troubles=["x"])))
    assert found["lag"] == {RAW: None, ORDERS: None}
    assert found["orders"] == {"incomplete": None, "stalled": None, "of_older_rules": None}
    assert found["workers"][0] | {"url": ""} == {
        "url": "",
        "answers": False,
        "ready": None,
        "version": None,
        "revision": None,
        "problems": {},
        "warnings": {},
    }
    unknown = "last_event", "delivery_delay_seconds", "quarantine_last_hour", "conflicts_last_hour", "conflicts_open"
    for name in unknown:
        assert found[name] is None


@pytest.mark.parametrize(
    ("labels", "said", "revision"),
    [
        ({"version": "0.1.0", "revision": COMMIT}, "version 0.1.0 (745449f)", COMMIT),
        ({"version": "0.1.0", "revision": ""}, "version 0.1.0", None),
        ({"version": "0.1.0"}, "version 0.1.0", None),
        ({}, "version ?", None),
    ],
)
def test_two_builds_of_one_version_are_told_apart(
    capsys: pytest.CaptureFixture[str], labels: dict[str, str], said: str, revision: str | None
) -> None:
    """A half-finished roll-out showed the same on each line."""
    service = Service("http://w", ready=True, metrics={"bridge_build_info": [Sample(labels, 1.0)]})
    seen = picture([service])
    show(InertConsole(width=120), seen)
    assert f"http://w · ready · {said}\n" in capsys.readouterr().out
    found = document(seen)["workers"][0]
    assert (found["version"], found["revision"]) == (labels.get("version"), revision)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (83_004, "2 incomplete, 1 stalled, 83,004 still to be judged by newer rules"),
        (1, "2 incomplete, 1 stalled, 1 still to be judged by newer rules"),
        (0, "2 incomplete, 1 stalled"),
        (None, "2 incomplete, 1 stalled"),
    ],
)
def test_an_upgrade_is_told_while_it_is_under_way(
    number: int | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Workers were `ready` while 83,004 orders stood as the former rules have them."""
    told: dict[str, float] = {"bridge_orders_incomplete": 2, "bridge_orders_stalled": 1}
    if number is not None:
        told["bridge_orders_of_older_rules"] = number
    seen = picture([worker(None, 0, **told)])
    show(InertConsole(width=120), seen)
    assert f"{said}\n" in "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    assert document(seen)["orders"] == {"incomplete": 2, "stalled": 1, "of_older_rules": number}


def test_of_an_upgrade_that_a_worker_with_a_halted_lane_says_nothing_of_the_rest_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A worker of the former version does so once it has met a row of the later one."""
    new, old = dict.fromkeys(LANES[1:3], "ready"), {LANES[0]: "halted", LANES[3]: "ready"}
    seen = picture([worker(new, bridge_orders_of_older_rules=83_004), worker(old)])
    show(InertConsole(width=120), seen)
    assert "at least 83,004 still to be judged by newer rules" in capsys.readouterr().out
    assert document(seen)["orders"]["of_older_rules"] is None


@pytest.mark.parametrize("width", [80, 120, 200])
def test_one_screen_whatever_the_data_say(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    last = Arrival(Source(1, 2), HOSTILE, 900_000, 4.0)
    kafka = KafkaSide(
        [HOSTILE], (), {}, Arrivals(5, 60, last, (1.0, 4.0)), KeptCounts(2, 1, {HOSTILE: 2}), KeptCounts(1, 0, {})
    )
    told = Service(f"http://{HOSTILE}", problems={"lanes": "x/1 halted, " * 1000})
    build = {"bridge_build_info": [Sample({"version": "0.1.0"}, 1.0)]}
    console = InertConsole(width=width, soft_wrap=True)
    show(console, picture([told], ingress=Service("http://i", ready=True, metrics=build), kafka=kafka))
    text = capsys.readouterr().out
    assert_inert(text)
    assert "version 0.1.0" in text
    assert "1.0/s received" in text
    assert "raw 1:2" in text
    assert len(text) < 4000


def test_a_long_remedy_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    told = Service("http://i", ready=True, warnings={"tenant": "all events are of beta"})
    show(
        InertConsole(width=80),
        picture(ingress=told, kafka=KafkaSide(quarantined=KeptCounts(3, 0, {"other_tenant": 3}))),
    )
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("correct BRIDGE_TENANT for all services") == 1
    assert "ours is acme -> as above" in text


def test_above_is_what_stands_directly_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Another line stands between these two."""
    told = Service("http://i", ready=True, warnings={"tenant": "all events are of beta", "keys": "short"})
    show(
        InertConsole(width=80),
        picture(ingress=told, kafka=KafkaSide(quarantined=KeptCounts(3, 0, {"other_tenant": 3}))),
    )
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("correct BRIDGE_TENANT for all services") == 2
    assert "as above" not in text
