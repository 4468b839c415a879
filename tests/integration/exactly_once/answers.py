"""Questions to workers, asked again while the answer is 503. A busy machine may keep a ready worker waiting for a
session; the worker then says so to everybody."""

import json
from collections.abc import Callable
from http import HTTPStatus

from tests.integration.exactly_once.deployment import BEARER, Deployment
from tests.integration.exactly_once.service import Answer, Service
from tests.integration.waiting import wait_until
from tests.programs.checker.names import ORDERS


def asked(worker: Service, path: str, **headers: str) -> Answer:
    """The worker's answer to a GET."""
    return answered(lambda: worker.get(path, **BEARER, **headers))


def answered(ask: Callable[[], Answer]) -> Answer:
    """The first answer that is not 503. Asking for a change twice is asking for the same one."""

    def answer() -> Answer | None:
        said = ask()
        return None if said.status == HTTPStatus.SERVICE_UNAVAILABLE else said

    return wait_until("somebody answers", answer)


def wait_for_answers(deployment: Deployment, worker: Service) -> None:
    """Return once it answers with all events of orders: topics have the results of a unit a moment before the worker
    hears of its commit, and tells of them."""

    def behind() -> set[int]:
        read_to = json.loads(asked(worker, "/orders?status=completed&limit=1").body)["read_to"]
        return deployment.with_records(ORDERS, {int(partition): offset for partition, offset in read_to.items()})

    wait_until("it answers with all events", lambda: not behind(), behind)
