"""Questions to workers, asked again while the answer is 503: a worker that was ready may be kept waiting by a busy
machine for a session, and says so, as to anybody."""

from collections.abc import Callable
from http import HTTPStatus

from tests.integration.exactly_once.deployment import BEARER
from tests.integration.exactly_once.service import Answer, Service
from tests.integration.waiting import wait_until


def asked(worker: Service, path: str, **headers: str) -> Answer:
    """What it answers to a GET."""
    return answered(lambda: worker.get(path, **BEARER, **headers))


def answered(ask: Callable[[], Answer]) -> Answer:
    """The answer to any question; whoever asks for a change again asks for the same."""

    def answer() -> Answer | None:
        said = ask()
        return None if said.status == HTTPStatus.SERVICE_UNAVAILABLE else said

    return wait_until("somebody answers", answer)
