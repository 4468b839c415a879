"""Checks that the bridge understands the pods' environment."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from typing import Literal
from unittest.mock import patch

from pydantic import ValidationError

from bridge.refusals import SettingsError
from bridge.settings import Settings
from bridge.settings.environment import PREFIX, SECRETS
from bridge.settings.refused import problems as in_sentences
from bridge.settings.types import format_size
from commands.doctor.brokers import is_loopback
from deploy.check.objects import Object, Objects, limit_of
from deploy.check.values import amount

_FILE = "_FILE"


def problems(objects: Objects) -> Iterator[str]:
    """Yield sentences on unknown names, unreadable values, secrets in the open, and settings that do not fit the
    container."""
    for pod in objects.pods:
        for container in pod.ours:
            environment = environment_of(objects, container)
            words = (*_of(environment), *_of_service(container, environment))
            yield from (f"{pod.name}/{container['name']}: {each}" for each in words)


def environment_of(objects: Objects, container: Object) -> dict[str, str]:
    """Names and values as the kubelet would set them for a pod called `the-pod`."""
    values: dict[str, str] = {}
    for source in container.get("envFrom", []):
        found = objects.find("ConfigMap", source.get("configMapRef", {}).get("name", ""))
        values |= found["data"] if found else {}
    for entry in container.get("env", []):
        if "value" in entry:  # not a reference to the pod itself, or to a Secret
            values[entry["name"]] = entry["value"].replace("$(POD_NAME)", "the-pod")
    return values


def settings_of(environment: Mapping[str, str], secret: str = "key") -> Settings:  # noqa: S107 - any content will do
    """The settings that a container would have, if each file that they name held `secret`.

    ValueError, SettingsError: they cannot be read.
    """
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(f"{secret}\n")
        file.flush()
        given = {name: file.name if name.endswith("FILE") else value for name, value in environment.items()}
        with patch.dict(os.environ, given, clear=True):
            return Settings()


def unknown_names(names: set[str]) -> set[str]:
    """Names that are no setting and no secret's file."""
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    return names - known - {PREFIX + field.upper() + _FILE for field in SECRETS}


def _of(environment: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(unknown_names({name for name in environment if name.startswith(PREFIX)})):
        yield f"{name} is no setting"
    for name in sorted({PREFIX + field.upper() for field in SECRETS} & environment.keys()):
        yield f"{name} is a secret and stands in the open: give {name}{_FILE}"


def _of_service(container: Object, environment: Mapping[str, str]) -> Iterator[str]:
    service = _service(container)
    try:
        settings = settings_of(environment)
        if service:
            settings.bearer_keys(service)
    except ValidationError as error:
        yield from (f"its settings cannot be read: {words}" for words in in_sentences(error))
        return
    except (SettingsError, ValueError) as error:
        yield f"its settings cannot be read: {error}"
        return
    if service:
        host = settings.ingress_host if service == "ingress" else settings.worker_web_host
        if is_loopback(host):
            yield f"it listens at {host}, where no probe, Service or other pod reaches it"
        limit, bound = limit_of(container, "memory"), settings.ingress_max_in_flight_bytes
        memory = amount(limit)
        if service == "ingress" and memory is not None and memory <= bound:
            yield f"its memory limit of {limit} leaves nothing beside {format_size(bound)} in flight"
        own = settings.ingress_port if service == "ingress" else settings.worker_web_port
        declared = {port.get("name"): port["containerPort"] for port in container.get("ports", [])}
        if declared != {"http": own, "ops": settings.ops_port}:
            yield f"it opens {declared}, and its settings say http {own} and ops {settings.ops_port}"


def _service(container: Object) -> Literal["ingress", "worker"] | None:
    words = container.get("args", [])
    return words[0] if words and words[0] in {"ingress", "worker"} else None
