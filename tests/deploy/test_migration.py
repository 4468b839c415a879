"""A place for a migration. While it is there, nothing else of the bridge runs, and it may do what a migration does."""

import re
import shutil
from pathlib import Path

from deploy.check.check import problems_of
from deploy.check.objects import Objects
from deploy.check.render import KUBERNETES, render
from deploy.check.settings import environment_of
from tests.deploy.manifests import base_with, named, pod, require_kubectl

BESIDE = ("kafka-strimzi", "kafka-scram", "kafka-ca", "network-policy", "autoscaling", "operator", "migration")
OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../base]
components: [{components}]
configMapGenerator:
  - name: bridge
    behavior: merge
    literals: [BRIDGE_TENANT=a-tenant, BRIDGE_PARTITIONS=16]
"""


def test_nothing_else_of_the_bridge_runs_meanwhile() -> None:
    """Not even what an autoscaler counts. Commands that only look go on."""
    objects = base_with(*BESIDE)
    assert problems_of(objects) == []
    replicas = {each["metadata"]["name"]: each["spec"]["replicas"] for each in objects.of_kind("Deployment")}
    replicas["bridge-worker"] = named(objects, "StatefulSet", "bridge-worker")["spec"]["replicas"]
    assert replicas == {"bridge-ingress": 0, "bridge-worker": 0, "bridge-operator": 1, "bridge-migration": 1}


def test_it_logs_in_as_the_migrations_user() -> None:
    """It has a directory for its tables, where the image has them."""
    migration = pod(base_with(*BESIDE), "bridge-migration")
    (container,) = migration.containers
    user = environment_of(base_with(*BESIDE), container)["BRIDGE_KAFKA_SASL_USERNAME"]
    secrets = [volume["secret"]["secretName"] for volume in migration.spec["volumes"] if "secret" in volume]
    assert user in secrets
    assert named(base_with(*BESIDE), "KafkaUser", user)
    assert {"name": "data", "mountPath": "/var/lib/bridge"} in container["volumeMounts"]


def test_more_partitions_as_its_page_says(tmp_path: Path) -> None:
    """The page's patch reaches each topic that has that many, and no other. Without the patch the topics do not fit."""
    require_kubectl()
    page = (KUBERNETES / "components" / "migration" / "README.md").read_text()
    [patch] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    overlay = tmp_path / "kubernetes" / "overlays" / "mine"
    shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    overlay.mkdir()
    text = OVERLAY.format(components=", ".join(f"../../components/{each}" for each in BESIDE))

    def problems(patches: str) -> list[str]:
        (overlay / "kustomization.yaml").write_text(text + patches)
        return problems_of(render(overlay))

    assert problems(f"patches:\n{patch}") == []
    unfit = [words.partition(":")[0] for words in problems("")]
    assert "KafkaTopic newstore.raw.v1" in unfit
    assert len(unfit) == len(named_topics(base_with(*BESIDE))) - 2, "rules and backfill fit any number"


def named_topics(objects: Objects) -> list[str]:
    """The names of all KafkaTopics."""
    return [each["metadata"]["name"] for each in objects.of_kind("KafkaTopic")]
