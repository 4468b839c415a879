"""Which list a question is about, and the order of that list."""

import pytest

from processors.worker.queries.choosing import BY_AGE, BY_NAME, BadQuestionError, kind_of, listing_of, order_of
from processors.worker.queries.questions import BLIND_RETURNS, ORDERS, Question


@pytest.mark.parametrize(
    ("what", "by", "value", "order"),
    [
        (ORDERS, "", "", BY_NAME),
        (ORDERS, "q", "a", BY_NAME),
        (ORDERS, "status", "completed", BY_NAME),
        (ORDERS, "status", "on_hold", BY_AGE),
        (ORDERS, "stalled", "true", BY_AGE),
        (ORDERS, "failed_twice", "true", BY_AGE),
        (ORDERS, "unbalanced", "true", BY_AGE),
        (ORDERS, "refund_outstanding", "true", BY_AGE),
        (BLIND_RETURNS, "", "", BY_AGE),
        (BLIND_RETURNS, "return_id", "a", BY_NAME),
    ],
)
def test_a_list_has_one_order(what: str, by: str, value: str, order: str) -> None:
    assert order_of(what, by, value) == order


@pytest.mark.parametrize(
    ("by", "value"), [("colour", "red"), ("status", "lost"), ("stalled", "yes"), ("q", ""), ("external_id", "")]
)
def test_there_are_no_other_lists(by: str, value: str) -> None:
    with pytest.raises(BadQuestionError):
        order_of(ORDERS, by, value)


def test_the_same_parameter_of_two_lists_leads_to_different_pages() -> None:
    assert kind_of(ORDERS, "external_id", "a") != kind_of(BLIND_RETURNS, "external_id", "a")


@pytest.mark.parametrize(
    "question",
    [Question(ORDERS, 1, by="colour", values=["red"]), Question("customers", 1), Question(ORDERS, 1, by="status")],
)
def test_what_only_a_later_version_asks_is_not_answered_with_something_else(question: Question) -> None:
    with pytest.raises(BadQuestionError, match="no worker of this version"):
        listing_of(question)
