"""A sender that shares no code with the bridge sends the samples of NewStore's documentation."""

import json
from contextlib import closing
from pathlib import Path

from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deliveries import with_keys_reversed
from tests.integration.exactly_once.deployment import BEARER, Deployment
from tests.integration.exactly_once.forking import ForkServer
from tests.programs.checker.names import CLEANED, RAW

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "samples").glob("*.json"))


def test_each_sample_is_found_once_in_its_cleaned_topic(
    kafka: LocalKafka, prefix: str, tmp_path: Path, fork_server: ForkServer
) -> None:
    """Each sample is posted twice, in reverse order, the second time with all JSON objects' keys reversed."""
    bodies = [sample.read_bytes() for sample in reversed(SAMPLES)]
    again = [json.dumps(with_keys_reversed(json.loads(body))).encode() for body in bodies]
    assert len(bodies) == 6
    started = Deployment(kafka.bootstrap_servers, prefix, tmp_path, tenant="demo-tenant", start=fork_server.start)
    with closing(started) as deployment:
        ingress, worker = deployment.ingress(ingress_ack_timeout="60s"), deployment.worker("worker")
        ingress.wait_ready()
        worker.wait_ready()
        headers = {**BEARER, "Content-Type": "application/json"}
        for body in bodies + again:
            assert ingress.request("POST", "/webhooks/newstore", body, headers).status == 200
        deployment.wait_settled()

        assert sorted(deployment.values(RAW)) == sorted(bodies + again)
        cleaned = [value for dataset in CLEANED for value in deployment.values(dataset)]
        assert sorted(cleaned) == sorted(bodies)
        assert {dataset for dataset in CLEANED if deployment.values(dataset)} == {"orders", "inventory"}
