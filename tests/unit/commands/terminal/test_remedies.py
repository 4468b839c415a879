"""What to do about what a service says."""

import re
from pathlib import Path

import pytest

from bridge.settings import Settings
from bridge.topics import TopicState, difference, specs
from commands.terminal import remedies
from commands.terminal.remedies import remedy

SETTINGS = Settings(tenant="acme")
PAGES = Path(__file__).parents[4]


@pytest.mark.parametrize(("managed_by", "said"), [("bridge", "bridge topics apply"), ("others", "the topics' owner")])
def test_topics_are_mended_by_whoever_manages_them(managed_by: str, said: str) -> None:
    settings = Settings.model_validate({"tenant": "acme", "topics_managed_by": managed_by})
    for check in ("topics", "topic_settings"):
        assert said in (remedy(settings, check, "a does not exist.") or "")


@pytest.mark.parametrize("state", [TopicState(3, 1, {}), TopicState(SETTINGS.partitions, 0, {})])
def test_what_apply_refuses_is_not_mended_by_it(state: TopicState) -> None:
    spec = specs(SETTINGS)[0]
    (sentence,) = difference([spec], {spec.name: state}).refused
    told = remedy(SETTINGS, "topics", f"{spec.name} does not exist. {sentence}") or ""
    assert "BRIDGE_PARTITIONS and BRIDGE_REPLICATION_FACTOR" in told
    assert "apply" not in told


def test_of_a_topic_that_is_missing_it_is_told_that_making_it_anew_may_not_be_all() -> None:
    """Lanes halt if the topic was there before. For a differing setting, `apply` is all."""
    assert "docs/recovery.md" in (remedy(SETTINGS, "topics", "newstore.orders.v1 does not exist.") or "")
    changed = "newstore.raw.v1 has retention.ms = 1, not 2."
    assert remedy(SETTINGS, "topics", changed) == "run `bridge topics apply`"


def test_who_has_a_halted_lane_is_led_to_its_row_before_anything_is_deleted() -> None:
    told = remedy(SETTINGS, "lanes", "newstore.raw.v1/3 halted") or ""
    assert "docs/engine.md#when-a-lane-halts" in told
    assert "delete nothing" in told


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ("lanes", "newstore.raw.v1/3 failed"),
        ("progress", "newstore.raw.v1/3: 7 events behind and nothing committed for 35 s"),
        ("producer", "Kafka has acknowledged nothing for 25 s"),
    ],
)
def test_who_gets_nothing_written_may_lack_a_permission(check: str, says: str) -> None:
    """Services tell the reason only to their logs. Waiting, as for tables that are read, does not help."""
    told = remedy(SETTINGS, check, says) or ""
    assert "looks for a missing ACL, a full disk, client quotas, clocks and brokers" in told
    assert f"--part {'ingress' if check == 'producer' else 'worker'}`" in told
    assert "wait" not in told


def test_an_open_transaction_leads_to_what_finds_it() -> None:
    """The advice was that for a missing ACL, which cannot find it."""
    says = "newstore.raw.v1/5: a transaction has been open for 295 s: 1318 offsets from 4976 on wait for it"
    assert "runbook.md#bridgetransactionopen" in (remedy(SETTINGS, "progress", says) or "")


def test_two_processes_with_one_instance_id_are_not_led_to_a_missing_acl() -> None:
    says = "another process uses BRIDGE_WORKER_INSTANCE_ID worker-0 at http://worker-0:6066"
    assert remedy(SETTINGS, "group", says, cause="the full disk") == (
        "end one of both, or give it an instance id of its own"
    )


def test_lanes_that_are_opened_are_waited_for() -> None:
    assert "wait while tables are read" in (remedy(SETTINGS, "lanes", "newstore.raw.v1/3 opening") or "")


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ("processor", "newstore.rules.v1 does not exist"),
        ("group", "not a member of the consumer group newstore.bridge.v1"),
        ("lanes", "newstore.raw.v1/3 failed"),
        ("lanes", "newstore.raw.v1/3 opening"),
        ("progress", "newstore.raw.v1/3: 7 events behind and nothing committed for 35 s"),
        ("producer", "Kafka has acknowledged nothing for 25 s"),
    ],
)
def test_what_may_follow_from_something_else_that_is_wrong_says_so(check: str, says: str) -> None:
    """The remedy pointed to a missing ACL, or to waiting, while the cause was known."""
    told = remedy(SETTINGS, check, says, cause="the full disk") or ""
    assert told.startswith("first mend the full disk")
    assert "ACL" not in told
    assert "wait" not in told


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ("lanes", "newstore.raw.v1/3 halted"),
        ("group", "no: GROUP_AUTHORIZATION_FAILED (a)"),
        ("rules", "the deployment has 8 partitions, not 4"),
    ],
)
def test_what_has_a_cause_of_its_own_says_that(check: str, says: str) -> None:
    assert remedy(SETTINGS, check, says, cause="the broker") == remedy(SETTINGS, check, says)


@pytest.mark.parametrize("cause", [remedies.OF_A_FULL_DISK, "what is wrong with disk"])
def test_a_lane_that_halts_over_a_full_disk_goes_on_once_it_has_space(cause: str) -> None:
    """Nothing need be moved away then: the directory is the only place where the lane's rows are at hand."""
    told = remedy(SETTINGS, "lanes", "newstore.raw.v1/3 halted", cause=cause) or ""
    assert told.startswith(f"first mend {cause}")


def test_rules_that_cannot_be_read_may_follow_from_a_broker() -> None:
    says = "the recorded rules could not be read for 15 s"
    assert (remedy(SETTINGS, "rules", says, cause="the broker") or "").startswith("first mend the broker")
    assert remedy(SETTINGS, "rules", says) == "run `bridge topics check`"


@pytest.mark.parametrize("check", ["lanes", "progress"])
def test_a_worker_that_is_in_no_group_has_no_lanes(check: str) -> None:
    told = remedy(SETTINGS, check, "no partitions are assigned yet", beside={"group": "not a member", check: "none"})
    assert (told or "").startswith("first mend what keeps it out of its group")


def test_the_pages_that_are_named_have_the_chapters_that_are() -> None:
    texts = [each for each in vars(remedies).values() if isinstance(each, str)]
    named = {(page, chapter) for text in texts for page, chapter in re.findall(r"(docs/\S+\.md)#([a-z-]+)", text)}
    assert ("docs/engine.md", "a-damaged-batch") in named
    for page, chapter in named:
        headings = re.findall(r"^#+ (.+)$", (PAGES / page).read_text(encoding="utf-8"), re.MULTILINE)
        assert chapter in {re.sub(r"[^a-z -]", "", each.lower()).replace(" ", "-") for each in headings}
