"""The ten commands of deploy/kubernetes/README.md, as far as they can be followed without a cluster."""

import re
import shutil
from pathlib import Path

import pytest

from deploy.check.__main__ import main
from deploy.check.objects import Objects
from deploy.check.render import KUBERNETES
from tests.deploy.manifests import PROD, ROOT, overlay, require_kubectl

[BLOCK] = re.findall(r"```sh\n(.*?)```", (KUBERNETES / "README.md").read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = BLOCK.splitlines()


def test_there_are_ten() -> None:
    assert len(COMMANDS) == 10


def test_a_copy_whose_names_are_set_passes_its_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the copy, paths lead to base and components, and the check finds nothing else that is left to set."""
    require_kubectl()
    copied, check, names, *_ = COMMANDS
    source, target = re.findall(r"deploy/kubernetes/\S+", copied)
    assert f"deploy.check {target}" in check
    shutil.copytree(KUBERNETES, tmp_path / "deploy" / "kubernetes")
    mine = shutil.copytree(ROOT / source, tmp_path / target)
    for file in mine.iterdir():
        file.write_text(file.read_text().replace("your-", "our-").replace("example.com", "example.org"))
    assert f"{target}/namespace.yaml" in names
    assert (mine / "namespace.yaml").exists()
    assert main([str(mine)]) == 0, capsys.readouterr().err


def test_secrets_that_nothing_makes_are_made() -> None:
    """Those of the overlay's pods and of its Gateway, each in the overlay's namespace, under the keys that are read."""
    objects = overlay(PROD)
    made = {name for line in COMMANDS for name in re.findall(r"-n newstore-bridge create secret \S+ (\S+)", line)}
    assert made == asked_for(objects) - made_by_others(objects)
    assert "--from-file=ca.crt=" in BLOCK
    assert "create secret tls bridge-tls" in BLOCK


def asked_for(objects: Objects) -> set[str]:
    """Names of the Secrets that these objects need."""
    volumes = [volume for pod in objects.pods for volume in pod.spec["volumes"] if "secret" in volume]
    listeners = [each for gateway in objects.of_kind("Gateway") for each in gateway["spec"]["listeners"]]
    certificates = {each["name"] for listener in listeners for each in listener["tls"]["certificateRefs"]}
    return certificates | {volume["secret"]["secretName"] for volume in volumes}


def made_by_others(objects: Objects) -> set[str]:
    """Names of the Secrets that the operators of Strimzi and External Secrets make."""
    users = {each["metadata"]["name"] for each in objects.of_kind("KafkaUser")}
    return users | {each["spec"]["target"]["name"] for each in objects.of_kind("ExternalSecret")}


def test_namespaces_get_the_labels_that_policies_ask_for() -> None:
    """Otherwise neither NewStore nor Prometheus reaches anything."""
    policies = overlay(PROD).of_kind("NetworkPolicy")
    rules = [rule for policy in policies for rule in policy["spec"].get("ingress", [])]
    selectors = [peer["namespaceSelector"] for rule in rules for peer in rule["from"] if "namespaceSelector" in peer]
    wanted = {label for selector in selectors for label in selector.get("matchLabels", {}).items()}
    given = re.findall(r"kubectl label namespace \S+ ([^\s=]+)=(\S+)", BLOCK)
    assert set(given) == wanted
