"""Checks each object as an API server would: every field must be known, and of its type."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
from jsonschema import Draft202012Validator

from deploy.check.objects import Object, Objects, title

KUBERNETES_VERSION: Final = "1.36"

CUSTOM: Final = Path(__file__).parents[1] / "kubernetes" / "crd-schemas"
"""Schemas of custom resources, in files named `kind-group-version.json`, which kubeconform takes, too."""

_NAMES_AT_MOST: Final = 63
_PORT_NAMES_AT_MOST: Final = 15


def problems(objects: Objects) -> Iterator[str]:
    """Yield sentences on what an API server would refuse."""
    for each in objects.all:
        yield from (f"{title(each)}: {words}" for words in _of(json.dumps(each)))
        if each["kind"] == "Service" and len(each["metadata"]["name"]) > _NAMES_AT_MOST:
            yield f"{title(each)}: its name is too long for DNS"
    for pod in objects.pods:
        for name in pod.port_names:
            if len(name) > _PORT_NAMES_AT_MOST:  # the schemas do not check it
                yield f"{pod.title}: the port's name {name} has more than 15 characters"


@cache
def _of(text: str) -> tuple[str, ...]:
    """Problems of one object, given as JSON. Cached, because renderings share most objects."""
    return tuple(_problems(json.loads(text)))


def _problems(each: Object) -> Iterator[str]:
    group, _, version = each["apiVersion"].rpartition("/")
    if is_custom(group):
        yield from _custom(each, group, version)
    else:
        try:
            kubernetes_validate.validate(each, KUBERNETES_VERSION, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{'.'.join(map(str, error.path))}: {error.message}"


def is_custom(group: str) -> bool:
    """Whether the kinds of this group are custom resources."""
    return "." in group and (not group.endswith(".k8s.io") or group == "gateway.networking.k8s.io")


def _custom(each: Object, group: str, version: str) -> Iterator[str]:
    validator = _validator(f"{each['kind'].lower()}-{group}-{version}.json")
    if validator is None:
        yield f"there is no schema of {each['kind']} ({group}/{version}) in {CUSTOM.name}"
        return
    for error in validator.iter_errors(each):
        yield f"{'.'.join(map(str, error.path))}: {error.message}"


@cache
def _validator(name: str) -> Any:
    path = CUSTOM / name
    return Draft202012Validator(json.loads(path.read_text())) if path.exists() else None
