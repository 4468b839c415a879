"""Topics are not as they must be: services go on unless data could be lost, and say what is wrong."""

import asyncio
import signal
from collections.abc import Callable
from datetime import timedelta

from tests.deployment import set_up
from tests.integration.alarms import Alarms
from tests.integration.commands.broker import Broker
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until


def told(service: Service) -> str:
    return service.get("/readyz?verbose").body.decode()


def warns_and_is_ready(service: Service) -> bool:
    """Both in one answer."""
    answer = service.get("/readyz?verbose")
    return answer.status == 200 and b"[!]topic_settings: " in answer.body


def is_unready_for(service: Service, what: str) -> bool:
    """In one answer: a busy machine's Kafka may be a reason, too."""
    answer = service.get("/readyz?verbose")
    return answer.status == 503 and what.encode() in answer.body


def wait_for(service: Service, what: str, condition: Callable[[Service], bool]) -> None:
    wait_until(what, lambda: condition(service), lambda: told(service))


def test_one_that_costs_no_data_is_a_warning_and_one_that_does_makes_a_service_unready(
    deployment: Deployment, alarms: Alarms
) -> None:
    broker = Broker(deployment.settings)
    services = deployment.ingress(), deployment.worker("worker")
    for service in services:
        service.wait_ready()
        assert "[+]topic_settings ok" in told(service)
    ingress, worker = services
    losing = alarms.anew()
    for each in (alarms, losing):
        each.was_well(ingress=ingress.page, worker=worker.page)
    broker.set_config("order-state", "min.cleanable.dirty.ratio", "0.5")
    for service in services:
        wait_for(service, "it warns and is ready", warns_and_is_ready)
        assert service.metric("bridge_topic_settings_differing", 'name="min.cleanable.dirty.ratio"') == 1
        assert "topic settings differ; no data are lost" in service.log.read_text()
    alarms.goes_on(ingress=ingress.page, worker=worker.page)
    broker.set_config("raw", "retention.ms", "-1")
    broker.set_config("raw", "unclean.leader.election.enable", "true")
    loses = "unclean.leader.election.enable = true, not false"
    for service in services:
        wait_for(service, "it is unready", lambda service: is_unready_for(service, loses))
        assert "retention.ms" not in told(service)
        assert service.metric("bridge_topic_losses") == 1
        assert service.metric("bridge_topic_settings_differing", 'name="unclean.leader.election.enable"') == 0
    losing.goes_on(ingress=ingress.page, worker=worker.page)
    broker.set_config("raw", "unclean.leader.election.enable", "false")
    for service in services:
        service.wait_ready()
    alarms.assert_raised("BridgeTopicSettingsDiffer warning")
    losing.assert_raised("BridgeTopicsLoseData critical", "BridgeTopicSettingsDiffer warning")


def test_settings_of_an_earlier_version_make_those_that_still_run_unready(deployment: Deployment) -> None:
    """The earlier version's init container puts back its own settings, such as a week less of dedupe's changelog
    (docs/upgrade.md)."""
    services = deployment.ingress(), deployment.worker("worker")
    for service in services:
        service.wait_ready()
    shorter = deployment.settings.dedupe_retention // timedelta(milliseconds=1)
    Broker(deployment.settings).set_config("dedupe-changelog", "retention.ms", f"{shorter}")
    for service in services:
        wait_for(service, "it is unready", lambda service: is_unready_for(service, f"retention.ms = {shorter}"))
    deployment.load.send(100)  # what runs goes on
    asyncio.run(set_up(deployment.settings))
    for service in services:
        service.wait_ready()
    deployment.check()


def test_a_worker_that_starts_while_a_topic_is_missing_has_no_lanes_and_that_is_an_alarm(
    deployment: Deployment, alarms: Alarms
) -> None:
    worker = deployment.worker("worker")
    worker.wait_ready()
    alarms.was_well(worker=worker.page)
    worker.signal(signal.SIGTERM)
    worker.wait()
    Broker(deployment.settings).delete("rules")
    waiting = deployment.worker("worker")
    wait_until("it answers", lambda: waiting.status("/readyz") == 503)
    wait_for(waiting, "it waits", lambda service: "[-]processor" in told(service))
    wait_for(waiting, "it has looked at the topics", lambda service: service.metric("bridge_topic_losses") == 1)
    alarms.goes_on(worker=waiting.page)
    alarms.assert_raised("BridgeNoLanes critical", "BridgeTopicsLoseData critical")
