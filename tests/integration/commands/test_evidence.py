"""`bridge quarantine` and `bridge conflicts` over topics that were filled by hand."""

import json
from typing import Any

import pytest

from bridge.settings import Settings
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import ByHand
from tests.integration.commands.shelves import Shelves
from tests.unit.commands.evidence.records import body, conflict, quarantined
from tests.unit.commands.evidence.test_raw_bodies import stub
from tests.unit.commands.messages import messages_of

CREATED, CHANGED = body(note="a"), body(note="b")


@pytest.fixture
def hand(shelves: Shelves, settings: Settings) -> ByHand:
    """Writes raw records of the same deployment."""
    return ByHand(settings)


def listed(bridge: Run, *arguments: str) -> dict[str, Any]:
    result = bridge(*arguments, "-o", "json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def positions(document: dict[str, Any]) -> list[str]:
    return [record["position"] for record in document["records"]]


def test_empty_topics_have_empty_lists(bridge: Run, shelves: Shelves) -> None:
    for what in ("quarantine", "conflicts"):
        assert listed(bridge, what, "list") == {"matching": 0, "records": []}
    result = bridge("quarantine", "replay", "--all", "--yes")
    assert (result.exit_code, messages_of(result.stderr)) == (0, ["Nothing to do."])


def test_the_quarantines_list_tells_what_why_and_what_can_be_done(bridge: Run, shelves: Shelves) -> None:
    shelves.quarantine(quarantined(b"\x1b{ no json"))
    shelves.quarantine(quarantined(body(), tenant="by-mistake"))
    first, second = listed(bridge, "quarantine", "list")["records"]
    assert (first["reason"], first["stage"], first["event"], first["size"]) == ("invalid_json", "ingress", None, 10)
    assert (first["state"], first["start"]) == ("refused", r"\x1b{ no json")
    assert (second["position"], second["event"], second["state"]) == ("0:1", "order.created", "open")
    lines = bridge("quarantine", "list").stdout.splitlines()
    assert lines[0].split() == ["position", "event", "received", "reason", "state", "stage", "bytes", "body"]
    assert len(lines) == 3


def test_a_stub_whose_body_raw_has_can_be_published(
    bridge: Run, shelves: Shelves, hand: ByHand, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker leaves a stub of what its topics no longer take. Once they do again, it is replayed as any other."""
    raw = hand.raw(body(note="x" * 90_000))
    place = shelves.quarantine(stub(raw.body, offset=0, topic=settings.topics.raw))
    lost = shelves.quarantine(stub(raw.body, offset=99, topic=settings.topics.raw))
    first, second = listed(bridge, "quarantine", "list")["records"]
    assert (first["event"], first["state"], first["size"]) == ("order.created", "open", len(raw.body))
    assert (second["event"], second["state"], second["size"]) == (None, "stub", len(raw.body))
    result = bridge("quarantine", "replay", "--all", "--event", "order.created", "--yes")
    assert messages_of(result.stderr)[-1] == "Done: 1 published.", result.output
    states = {record["position"]: record["state"] for record in listed(bridge, "quarantine", "list")["records"]}
    assert states == {place: "published", lost: "stub"}
    monkeypatch.setenv("BRIDGE_INGRESS_MAX_BODY_BYTES", "65536")  # lowered again, or not set in this environment
    assert positions(listed(bridge, "quarantine", "list", "--state", "published")) == [place]
    assert positions(listed(bridge, "quarantine", "list", "--state", "refused")) == []
    (row,) = [each for each in listed(bridge, "quarantine", "list")["records"] if each["position"] == place]
    assert (row["state"], row["detail"]) == ("published", None)
    again = bridge("quarantine", "replay", place, "--yes")
    assert "published" in again.output
    assert "quarantined again" not in again.output


def test_a_list_is_of_what_is_asked_for_the_newest_at_its_end(bridge: Run, shelves: Shelves) -> None:
    old = shelves.quarantine(quarantined(b"{"), hours_ago=5)
    new = shelves.quarantine(quarantined(b"[]"))
    other = shelves.quarantine(quarantined(body("order.opened", tenant="other")))

    def found(*filters: str) -> list[str]:
        return positions(listed(bridge, "quarantine", "list", *filters))

    assert found() == [old, new, other]
    assert found("--since", "1h") == [new, other]
    assert found("--reason", "invalid_json") == [old]
    assert found("--stage", "dedupe") == []
    assert found("--event", "order.opened") == [other]
    assert found("--limit", "2") == [new, other]
    assert listed(bridge, "quarantine", "list", "--limit", "1")["matching"] == 3


def test_a_list_of_what_is_open_leads_to_the_next_command(bridge: Run, shelves: Shelves) -> None:
    """Also if all that is newer was published: only raw tells what is open."""
    old, newer = (shelves.quarantine(quarantined(body(note=note), tenant="by-mistake")) for note in "ab")
    shelves.quarantine(quarantined(b"{"))
    assert bridge("quarantine", "replay", newer, "--yes").exit_code == 0

    def names(state: str, *more: str) -> list[str]:
        result = bridge("quarantine", "list", "--state", state, "-o", "name", *more)
        assert result.exit_code == 0, result.output
        return result.stdout.split()

    assert (names("open"), names("published"), names("refused")) == ([old], [newer], ["0:2"])
    assert names("open", "--limit", "1") == [old]
    assert listed(bridge, "quarantine", "list", "--state", "open")["matching"] == 1
    assert [json.loads(line)["position"] for line in lines_of(bridge, "-o", "jsonl")] == [old, newer, "0:2"]


def lines_of(bridge: Run, *arguments: str) -> list[str]:
    return bridge("quarantine", "list", *arguments).stdout.splitlines()


def test_what_nothing_is_called_is_refused_with_what_there_is(bridge: Run, settings: Settings) -> None:
    """It once said "0 of 0 records"."""
    for arguments, known, near in (
        (["--reason", "invalid_jason"], "too_large", "invalid_json"),
        (["--stage", "igress"], "backfill", "ingress"),
        (["--state", "opened"], "passed_on", "open"),
    ):
        result = bridge("quarantine", "list", *arguments)
        told = " ".join(result.stderr.replace("│", " ").split())
        assert result.exit_code == 2
        assert known in told
        assert near in told


def test_an_event_that_newstore_has_not_documented_is_listed(bridge: Run, shelves: Shelves) -> None:
    place = shelves.quarantine(quarantined(body("consumer_profile.deleted"), tenant="by-mistake"))
    result = bridge("quarantine", "list", "--event", "consumer_profile.deleted", "-o", "name")
    assert (result.exit_code, result.stdout.split()) == (0, [place])
    assert "NewStore documents no event" in result.stderr
    misspelt = bridge("quarantine", "list", "--event", "order.creatd", "-o", "name")
    assert (misspelt.exit_code, misspelt.stdout) == (0, "")
    assert "hint: did you mean order.created" in misspelt.stderr


def test_the_conflicts_list_tells_which_were_held_back(bridge: Run, shelves: Shelves) -> None:
    shelves.conflict(conflict(CHANGED))
    shelves.conflict(conflict(body("order.opened")))
    held, passed = listed(bridge, "conflicts", "list")["records"]
    assert (held["event"], held["ce_id"], held["first_source"]) == ("order.created", "acme/order.created/o-1", "0:1")
    assert (held["state"], passed["state"]) == ("open", "passed_on")


def test_a_record_is_shown_whole(bridge: Run, shelves: Shelves) -> None:
    place = shelves.quarantine(quarantined(b"{ no json"))
    document = listed(bridge, "quarantine", "show", place)
    assert (document["body"], document["headers"]["bridge_error_reason"]) == ("{ no json", "invalid_json")
    assert "{ no json" in bridge("quarantine", "show", place).stdout


def test_a_conflict_is_shown_beside_the_first_of_its_key(bridge: Run, shelves: Shelves, hand: ByHand) -> None:
    hand.raw(body("order.opened"))
    assert hand.raw(CREATED).source == "0:1"
    document = listed(bridge, "conflicts", "show", shelves.conflict(conflict(CHANGED)))
    assert document["first"]["body"] == CREATED.decode()
    assert document["differences"] == [{"field": "payload.note", "first": '"a"', "second": '"b"'}]


def test_the_first_of_its_key_may_be_gone(bridge: Run, shelves: Shelves, hand: ByHand, settings: Settings) -> None:
    hand.raw(CREATED)
    hand.raw(CREATED)
    hand.delete_before(settings.topics.raw, 2)
    place = shelves.conflict(conflict(CHANGED))
    assert listed(bridge, "conflicts", "show", place)["first"] is None
    assert "not there any more" in bridge("conflicts", "show", place).stdout


@pytest.mark.parametrize("place", ["0:0", "0:7", "1:0", "9:0"])
def test_where_there_is_no_record_none_is_shown_or_published(bridge: Run, shelves: Shelves, place: str) -> None:
    for command in (("quarantine", "show"), ("conflicts", "show"), ("quarantine", "replay"), ("conflicts", "accept")):
        result = bridge(*command, place)
        assert result.exit_code == 2
        assert f"There is no record {place} in" in result.stderr


@pytest.mark.usefixtures("shelves")
def test_why_there_is_no_record_is_said(bridge: Run, settings: Settings) -> None:
    """Logs have positions of raw and of other topics, too."""
    last = f"has {settings.partitions} partitions, the last one is {settings.partitions - 1}"
    assert last in bridge("quarantine", "show", "99:0").stderr
    result = bridge("conflicts", "show", "0:99")
    assert "partition 0 of" in result.stderr
    assert "`bridge conflicts list -o name`" in result.stderr


@pytest.mark.parametrize("place", ["", "7", "a:b", "1:", ":1"])
def test_what_is_no_position_is_wrong_use(bridge: Run, place: str) -> None:
    assert bridge("quarantine", "show", place).exit_code == 2


def test_without_topics_it_says_what_to_run(bridge: Run) -> None:
    for command in (("quarantine", "list"), ("conflicts", "show", "0:0"), ("conflicts", "accept", "--all")):
        result = bridge(*command)
        assert result.exit_code == 2
        assert "bridge topics apply" in result.stderr
