"""Questions to workers, asked again while the answer is 503. A busy machine may keep a ready worker waiting for a
session; the worker then says so to everybody."""

from collections.abc import Callable
from http import HTTPStatus

from tests.integration.exactly_once.deployment import BEARER
from tests.integration.exactly_once.service import Answer, Service
from tests.integration.waiting import wait_until


def asked(worker: Service, path: str, **headers: str) -> Answer:
    """The worker's answer to a GET."""
    return answered(lambda: worker.get(path, **BEARER, **headers))


def answered(ask: Callable[[], Answer]) -> Answer:
    """The first answer that is not 503. Asking for a change twice is asking for the same one."""

    def answer() -> Answer | None:
        said = ask()
        return None if said.status == HTTPStatus.SERVICE_UNAVAILABLE else said

    return wait_until("somebody answers", answer)
