"""How often events were delivered is counted once, whoever processes them, and any worker tells it."""

import json
import signal
from typing import Any
from urllib.parse import urlencode

from schemas.acceptance import Accepted, accept
from schemas.headers import CE_ID, PAYLOAD_HASH
from schemas.instant import rfc3339_millis
from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import BEARER, Deployment, wait_for_lanes
from tests.integration.exactly_once.service import Answer, Service
from tests.integration.waiting import wait_until
from tests.programs.checker.names import RAW

_AT_ONCE = 100


def sent(deployment: Deployment) -> dict[str, tuple[int, int]]:
    """By event and payload, as `GET /seen` names them: the number of raw records, and the time of the last in
    milliseconds."""
    found: dict[str, tuple[int, int]] = {}
    for record in deployment.records(RAW):
        accepted = accept(
            record.value or b"",
            content_encoding=None,
            tenant=TENANT,
            table=deployment.settings.key_table,
            received_at_ms=record.timestamp,
            traceparent=None,
        )
        if isinstance(accepted, Accepted):
            said = dict(accepted.headers)
            name = f"{said[CE_ID].decode()}~{said[PAYLOAD_HASH].decode()}"
            count, last = found.get(name, (0, 0))
            found[name] = count + 1, max(last, record.timestamp)
    return found


def said(worker: Service, ids: list[str]) -> list[dict[str, Any]]:
    """What a worker answers, in the order of the ids. It is asked again while another one is not there yet."""
    events: list[dict[str, Any]] = []
    for start in range(0, len(ids), _AT_ONCE):
        path = f"/seen?{urlencode([('id', each) for each in ids[start : start + _AT_ONCE]])}"
        answers: list[Answer] = []

        def answered(path: str = path, answers: list[Answer] = answers) -> bool:
            answers[:] = [worker.get(path, **BEARER)]
            return answers[0].status == 200

        wait_until("it answers", answered)
        events += json.loads(answers[0].body)["events"]
    return events


def wait_told(worker: Service, deployment: Deployment) -> None:
    """Return once the worker tells all that was sent. It tells of a unit only some time after it has committed it."""
    expected = {each: (count, rfc3339_millis(last)) for each, (count, last) in sent(deployment).items()}

    def wrong() -> dict[str, tuple[int, str]]:
        told = {each["id"]: (each["deliveries"], each["last_received_at"]) for each in said(worker, list(expected))}
        return {each: told[each] for each in expected if told[each] != expected[each]}

    wait_until("it tells what was sent", lambda: not wrong(), wrong)


def test_any_worker_says_how_often_any_event_came(deployment: Deployment) -> None:
    """Also a worker that begins with nothing but the changelog, after the others were killed."""
    workers = [deployment.worker(name) for name in ("first", "second")]
    wait_for_lanes(*workers)
    deployment.load.send(500)
    deployment.wait_settled()
    assert max(count for count, _ in sent(deployment).values()) > 1
    for worker in workers:
        wait_told(worker, deployment)
    for worker in workers:
        worker.signal(signal.SIGKILL)
        worker.wait()
    deployment.load.send_again()
    successor = deployment.worker("successor")
    successor.wait_ready()
    deployment.wait_settled()
    wait_told(successor, deployment)
    assert successor.get("/seen?id=acme/order.opened/1").status == 401
    deployment.check()
