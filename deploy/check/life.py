"""Checks that the bridge's pods start, are probed and end in ways that the bridge supports."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from commands.app import COMMANDS
from deploy.check.objects import Object, Objects, Pod, limit_of, title
from deploy.check.values import amount

_SIGTERM_S: Final = 10
"""Both services end within this time after SIGTERM, with or without Kafka: docs/guarantees.md."""
_PROBES: Final = {"livenessProbe": "/livez", "readinessProbe": "/readyz"}
_MIGRATION: Final = "bridge-migration"


def problems(objects: Objects) -> Iterator[str]:
    """Yield a sentence for each problem."""
    images = {container["image"] for pod in objects.pods for container in pod.ours}
    if len(images) > 1:
        yield f"the bridge runs from more than one image: {', '.join(sorted(images))}"
    for pod in (each for each in objects.pods if each.is_ours):
        yield from (f"{pod.title}: {words}" for words in (*_of_pod(pod), *_of_workload(objects, pod)))
    yield from _budgets(objects)


def _of_pod(pod: Pod) -> Iterator[str]:
    for container in pod.ours:
        yield from (f"container {container['name']}: {words}" for words in _of_arguments(container))
        if "ports" in container:
            yield from (
                f"container {container['name']}: {words}" for words in (*_of_probes(container), *_end(pod, container))
            )
    volumes = pod.spec.get("volumes", [])
    if "fsGroup" not in pod.spec.get("securityContext", {}) and any("secret" in each for each in volumes):
        yield "without an fsGroup it cannot read its Secrets, which are root's"
    empty = [each["emptyDir"] for each in volumes if "emptyDir" in each]
    disks = [amount(each.get("sizeLimit")) or 0 for each in empty if each.get("medium") != "Memory"]
    limits = [limit_of(container, "ephemeral-storage") for container in pod.spec["containers"]]
    if None not in limits and sum(disks) >= sum(amount(each) or 0 for each in limits):
        yield "its emptyDirs take more than its limits of ephemeral-storage: it would be evicted"


def _of_arguments(container: Object) -> Iterator[str]:
    """Yield why the bridge would refuse the container's command line."""
    if "command" in container:
        return  # somebody else's program
    name, *rest = container.get("args", [""])
    if name not in COMMANDS:
        yield f"there is no command `bridge {name}`"
        return
    found = getattr(import_module(COMMANDS[name].module), COMMANDS[name].name)
    command: Any = get_command(found) if isinstance(found, typer.Typer) else None
    if command is None:
        app = typer.Typer()
        app.command()(found)
        command = get_command(app)
    try:
        while isinstance(command, TyperGroup):
            word, *rest = rest or [""]
            command = command.commands.get(word)
        if command is None:
            yield f"there is no command `bridge {' '.join(container['args'])}`"
        else:
            command.make_context(name, rest)
    except TyperException as error:
        yield f"`bridge {' '.join(container['args'])}`: {error.message}"


def _of_probes(container: Object) -> Iterator[str]:
    numbers = {port.get("name"): port["containerPort"] for port in container["ports"]}
    for probe, path in _PROBES.items():
        asked = container.get(probe, {}).get("httpGet")
        if asked is None:
            continue  # the security check reports it
        if asked["path"].partition("?")[0] != path:
            yield f"the {probe} asks for {asked['path']}, and the bridge answers {path}"
        if asked["port"] not in {"ops", numbers.get("ops")}:
            yield f"the {probe} asks the port {asked['port']}; only ops answers it"


def _end(pod: Pod, container: Object) -> Iterator[str]:
    pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    grace = pod.spec.get("terminationGracePeriodSeconds", 30)
    if not pause:
        yield "it ends at once: without a pause before SIGTERM it is still sent requests"
    if pause + _SIGTERM_S > grace:
        yield f"{pause} s of preStop and {_SIGTERM_S} s of SIGTERM are more than its grace period of {grace} s"


def _of_workload(objects: Objects, pod: Pod) -> Iterator[str]:
    workload = objects.find(pod.kind, pod.name)
    spec = workload["spec"] if workload else {}
    rolling = spec.get("strategy", {}).get("rollingUpdate", {})
    if rolling.get("maxSurge") == 0 and rolling.get("maxUnavailable") == 0:
        yield "its strategy replaces no pod: neither more nor fewer may there be"
    if pod.is_service and objects.find("Deployment", _MIGRATION) and spec.get("replicas", 1):
        yield f"it runs beside {_MIGRATION}, which lets nothing of the bridge run: add that component last"


def _budgets(objects: Objects) -> Iterator[str]:
    """Yield budgets that let no pod go, so that no node can be drained."""
    for budget in objects.of_kind("PodDisruptionBudget"):
        spec = budget["spec"]
        for pod in objects.selected(spec["selector"]):
            fewest = _fewest(objects, pod)
            if spec.get("maxUnavailable") in {0, "0%"} or (fewest and spec.get("minAvailable", 0) in {fewest, "100%"}):
                yield f"{title(budget)}: it lets none of {pod.name}'s pods go, so no node can be drained"


def _fewest(objects: Objects, pod: Pod) -> int:
    """Return the least number of pods; 0: none is to run."""
    for scaler in objects.of_kind("HorizontalPodAutoscaler"):
        if scaler["spec"]["scaleTargetRef"]["name"] == pod.name:
            return int(scaler["spec"].get("minReplicas", 1))
    workload = objects.find(pod.kind, pod.name)
    return int(workload["spec"].get("replicas", 1)) if workload else 1
