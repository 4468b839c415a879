"""A worker that gets nowhere, though Kafka is there, ends so that something else starts it again."""

from tests.integration.alarms import Alarms
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import wait_until


def test_a_lane_that_is_stuck_after_its_restart_too_ends_the_process(deployment: Deployment, alarms: Alarms) -> None:
    """It ends with exit code 1 and nothing half done: the next one goes on where it stood. A minute is four seconds."""
    stuck = deployment.worker("worker", test_mutation="hang-in-transactions")
    stuck.wait_ready()
    alarms.was_well(stuck=stuck.page)
    deployment.load.send(200)

    def ends() -> bool:
        if (page := stuck.page()) and "bridge_lane_standstill_seconds{" in page:
            alarms.look(stuck=page)
        return not stuck.runs

    wait_until("it ends", ends)
    assert stuck.wait() == 1
    said = stuck.log.read_text()
    assert 0 <= said.find(" stands at ") < said.find("lanes are stuck, giving up")
    deployment.worker("worker").wait_ready()
    deployment.check()
    alarms.assert_raised("BridgeLaneStandstill critical", bridge_lane_standstill_seconds=15.0)
