"""Which files are generated, and from what."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from bridge.settings import Settings
from deploy.generate.strimzi import topic_resources, user_resources

DEPLOY: Final = Path(__file__).parents[1]
_COMPONENTS: Final = DEPLOY / "kubernetes" / "components"
_HEAD: Final = "# Written by `python -m deploy.generate` from {source}; a test holds it equal.\n"


def generated() -> Mapping[Path, str]:
    """Path -> content of every generated file."""
    settings = Settings(tenant="any", replication_factor=3, topics_managed_by="others")
    strimzi = _COMPONENTS / "kafka-strimzi"
    return {
        strimzi / "topics.yaml": _yaml(topic_resources(settings), "bridge/topics/spec.py"),
        strimzi / "users.yaml": _yaml(user_resources(settings), "bridge/kafka/acls.py"),
    }


def _yaml(documents: Iterable[Mapping[str, Any]], source: str) -> str:
    return _HEAD.format(source=source) + yaml.dump_all(documents, sort_keys=False, width=120, Dumper=_Dumper)


class _Dumper(yaml.SafeDumper):
    """Without anchors, and with texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - interface
        """Always."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
