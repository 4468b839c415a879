"""A client that was told that it knows too little is asked no more."""

from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, KafkaException

from tests.programs.checker.clients import COMES_UP, Clients

NOWHERE = "127.0.0.1:1"


def only_after(first: object, clients: Clients, code: int) -> Callable[[], str]:
    """An answer that the first clients never get."""

    def ask() -> str:
        if clients.admin is first:
            raise KafkaException(KafkaError(code))
        return "an answer"

    return ask


@pytest.mark.parametrize("code", [KafkaError.FENCED_LEADER_EPOCH, KafkaError.NOT_COORDINATOR])
def test_a_client_that_knows_an_epoch_or_a_coordinator_of_before_is_replaced(code: int) -> None:
    clients = Clients(NOWHERE)
    group = clients.group
    assert clients.answer(only_after(clients.admin, clients, code)) == "an answer"
    assert clients.group is not group
    clients.close()


def test_an_error_that_no_patience_mends_is_told_at_once() -> None:
    clients = Clients(NOWHERE)
    assert KafkaError.TOPIC_AUTHORIZATION_FAILED not in COMES_UP
    with pytest.raises(KafkaException, match="TOPIC_AUTHORIZATION_FAILED"):
        clients.answer(only_after(clients.admin, clients, KafkaError.TOPIC_AUTHORIZATION_FAILED))
    clients.close()


def test_who_does_not_come_up_is_not_waited_for_for_ever() -> None:
    clients = Clients(NOWHERE)

    def ask() -> None:
        raise KafkaException(KafkaError(KafkaError.NOT_COORDINATOR))

    with pytest.raises(KafkaException, match="NOT_COORDINATOR"):
        clients.answer(ask, patience=0.0)
    clients.close()


def test_who_does_not_even_hear_of_a_timeout_is_replaced_too() -> None:
    clients = Clients(NOWHERE)
    first = clients.admin

    def ask() -> str:
        if clients.admin is first:
            raise TimeoutError
        return "an answer"

    assert clients.answer(ask) == "an answer"
    clients.close()
