"""Checks that KafkaTopics and KafkaUsers are exactly what the settings of the same manifests ask for."""

from collections.abc import Iterator, Mapping

from bridge.kafka.acls import Part, acls
from bridge.refusals import SettingsError
from bridge.settings import Settings
from bridge.topics import specs
from commands.topics.declared.declared import user_name
from commands.topics.declared.strimzi import strimzi_acl
from deploy.check.objects import Object, Objects
from deploy.check.settings import environment_of, settings_of
from deploy.generate.strimzi import RUNNING

_Rights = dict[tuple[str, str, str], frozenset[str]]


def problems(objects: Objects) -> Iterator[str]:
    """Yield sentences on topics and rights that are missing, needless or different."""
    topics, users = objects.of_kind("KafkaTopic"), objects.of_kind("KafkaUser")
    if not topics and not users:
        return
    try:
        settings = _settings(objects)
    except (SettingsError, ValueError):
        return  # the settings check reports it
    yield from _topics({each["metadata"]["name"]: each["spec"] for each in topics}, settings)
    for part in Part:
        name = user_name(settings, part)
        user = objects.find("KafkaUser", name)
        if user is None:
            if part in RUNNING:
                yield f"KafkaUser {name} is missing"
        else:
            wanted = _rights([strimzi_acl(each) for each in acls(settings)[part]])
            actual = _rights(user["spec"].get("authorization", {}).get("acls", []))
            yield from (f"KafkaUser {name}: {words}" for words in _difference(wanted, actual))
            yield from (f"KafkaUser {name}: {words}" for words in _restricted(user))


def _settings(objects: Objects) -> Settings:
    (worker,) = [pod for pod in objects.pods if pod.name == "bridge-worker"]
    return settings_of(environment_of(objects, worker.spec["initContainers"][0]))


def _topics(actual: Mapping[str, Mapping[str, object]], settings: Settings) -> Iterator[str]:
    wanted = {spec.name: spec for spec in specs(settings)}
    yield from (f"KafkaTopic {name} is missing" for name in sorted(wanted.keys() - actual.keys()))
    yield from (f"KafkaTopic {name} is none of the bridge's topics" for name in sorted(actual.keys() - wanted.keys()))
    for name in sorted(wanted.keys() & actual.keys()):
        spec = wanted[name]
        right = {"partitions": spec.partitions, "replicas": spec.replication, "config": dict(spec.config)}
        if actual[name] != right:
            yield f"KafkaTopic {name}: it is {actual[name]}, and the settings ask for {right}"


def _rights(written: list[Object]) -> _Rights:
    found: _Rights = {}
    for each in written:
        resource = each["resource"]
        key = (resource["type"], resource.get("name", ""), resource.get("patternType", "literal"))
        found[key] = found.get(key, frozenset()) | frozenset(each["operations"])
    return found


def _restricted(user: Object) -> Iterator[str]:
    """Yield sentences on ACLs that take away what others give, or are for one host: pods have no lasting addresses."""
    for each in user["spec"].get("authorization", {}).get("acls", []):
        if each.get("type", "allow") != "allow" or each.get("host", "*") != "*":
            yield f"a rule forbids, or allows from one host only: {each['resource']}"


def _difference(wanted: _Rights, actual: _Rights) -> Iterator[str]:
    for key in sorted(wanted.keys() | actual.keys()):
        asked, given = wanted.get(key, frozenset()), actual.get(key, frozenset())
        name = " ".join(key)
        if lacking := asked - given:
            yield f"it may not {', '.join(sorted(lacking))} {name}"
        if needless := given - asked:
            yield f"it may {', '.join(sorted(needless))} {name}, which it does not need"
