"""Every pod meets the restricted Pod Security Standard, and a little more."""

import pytest

from tests.deploy.manifests import BASE, DEV, Pod, named, of_kind, pods, rendered

pytestmark = pytest.mark.parametrize("folder", [BASE, DEV])


def test_containers_have_no_way_to_more_rights(folder: str) -> None:
    """No capability, no escalation, a root file system that cannot be written."""
    for pod in pods(folder):
        for container in pod.containers:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, f"{pod.name}/{container['name']}"


def test_pods_run_as_a_user_that_is_not_root(folder: str) -> None:
    """Said by number, so that the kubelet can tell; with the runtime's seccomp profile."""
    for pod in pods(folder):
        context = pod.spec["securityContext"]
        assert context["runAsNonRoot"] is True, pod.name
        assert context["runAsUser"] == (10001 if pod.is_ours else 1000), pod.name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, pod.name


def test_pods_share_nothing_with_their_node(folder: str) -> None:
    """No host network, processes or files, and no port of the node."""
    for pod in pods(folder):
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys(), pod.name
        assert not any("hostPath" in volume for volume in pod.spec.get("volumes", [])), pod.name
        ports = [port for container in pod.containers for port in container.get("ports", [])]
        assert not any("hostPort" in port for port in ports), pod.name


def test_nobody_holds_a_token_of_the_cluster(folder: str) -> None:
    """Neither by the pod nor by its account."""
    assert all(pod.spec["automountServiceAccountToken"] is False for pod in pods(folder))
    assert all(account["automountServiceAccountToken"] is False for account in of_kind(folder, "ServiceAccount"))
    assert all(pod.spec["serviceAccountName"] == "bridge" for pod in pods(folder) if pod.is_ours)


def test_service_links_do_not_overwrite_settings(folder: str) -> None:
    """A Service `bridge-ingress` would set BRIDGE_INGRESS_PORT in every pod."""
    assert all(pod.spec["enableServiceLinks"] is False for pod in pods(folder))


def test_images_are_pinned(folder: str) -> None:
    """A tag that names a version, or in dev the one built on this machine."""
    for pod in pods(folder):
        for container in pod.containers:
            _, _, tag = container["image"].rpartition(":")
            assert tag[:1].isdigit() or (folder == DEV and tag == "local"), container["image"]


def test_containers_say_what_they_need(folder: str) -> None:
    """Requests for the scheduler, a memory limit for the neighbours; no CPU limit, which only slows."""
    for pod in pods(folder):
        for container in pod.containers:
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert container["resources"]["limits"].keys() == {"memory"}


def test_what_is_writable_is_bounded(folder: str) -> None:
    """An emptyDir without a limit can fill its node."""
    for pod in pods(folder):
        volumes = [volume["emptyDir"] for volume in pod.spec["volumes"] if "emptyDir" in volume]
        assert volumes, pod.name
        assert all("sizeLimit" in volume for volume in volumes), pod.name


def test_services_can_be_probed(folder: str) -> None:
    """What runs for long has a liveness and a readiness probe; the bridge's are /livez and /readyz."""
    long_lived = [pod for pod in pods(folder) if pod.kind != "Job"]
    for pod in long_lived:
        for container in pod.spec["containers"]:
            assert {"livenessProbe", "readinessProbe"} <= container.keys(), pod.name
            if pod.is_ours:
                assert _path(pod, "livenessProbe") == "/livez"
                assert _path(pod, "readinessProbe") == "/readyz"


def test_secrets_come_from_elsewhere(folder: str) -> None:
    """The base names a Secret and has none; dev makes one, in a namespace that enforces `restricted`."""
    has_secret = any(document["kind"] == "Secret" for document in rendered(folder))
    assert has_secret is (folder == DEV)
    if folder == DEV:
        namespace = named(folder, "Namespace", "newstore-bridge-dev")
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def _path(pod: Pod, probe: str) -> str:
    (container,) = pod.spec["containers"]
    path: str = container[probe]["httpGet"]["path"]
    return path
