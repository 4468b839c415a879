"""`python -m deploy.check` finds what somebody breaks in rendered manifests, so in overlays of others, too."""

import json

import pytest

from deploy.check.check import problems_of
from deploy.check.objects import Objects, title
from tests.deploy.breaks import ALL, STRIMZI, Break
from tests.deploy.manifests import base_with


@pytest.mark.parametrize("broken", ALL)
def test_what_somebody_breaks_is_found(broken: str) -> None:
    each = ALL[broken]
    found = problems_of(changed(base_with(*each.components), each))
    assert any(each.words in words for words in found), found


def changed(objects: Objects, broken: Break) -> Objects:
    """The same objects, one of them broken. A ConfigMap's hash is left out of its title."""
    texts = [(title(each), json.dumps(each, sort_keys=True)) for each in objects.all]
    chosen = [name for name, text in texts if matches(name, broken.title) and broken.before in text]
    assert len(chosen) == 1, "there is nothing to break"
    return Objects(
        [json.loads(text.replace(broken.before, broken.after, 1) if name in chosen else text) for name, text in texts]
    )


def matches(name: str, wanted: str) -> bool:
    """Whether the name is the object's title, or that of the settings, with their hash."""
    return name == wanted or (wanted == "ConfigMap bridge" and name.startswith("ConfigMap bridge-"))


@pytest.mark.parametrize(
    ("components", "words"),
    [
        pytest.param(("network-policy", "kafka-oauth"), "port 443 of BRIDGE_KAFKA_OAUTH_TOKEN_URL", id="tokens"),
        pytest.param(("network-policy", "kafka-msk-iam"), "port 443 of AWS's token service", id="MSK"),
        pytest.param(("kafka-scram", "kafka-mtls"), "names a file that no volume brings", id="two logins"),
        pytest.param(("kafka-strimzi",), "KafkaUser newstore-worker: nobody logs in as it", id="users without a login"),
        pytest.param(
            ("kafka-strimzi", "kafka-mtls"), "has no key user.crt", id="users with passwords, and certificates"
        ),
        pytest.param(
            (*STRIMZI, "migration", "autoscaling"), "add that component last", id="a migration that is not last"
        ),
    ],
)
def test_components_that_do_not_go_together_are_found(components: tuple[str, ...], words: str) -> None:
    assert any(words in each for each in problems_of(base_with(*components)))


@pytest.mark.parametrize(
    "components",
    [
        ("network-policy", "network-policy/https", "kafka-oauth", "kafka-ca", "gateway", "monitoring", "autoscaling"),
        ("network-policy", "network-policy/https", "kafka-msk-iam", "ingress", "external-secrets"),
        (*STRIMZI, "network-policy", "network-policy/operator", "operator", "autoscaling", "migration"),
    ],
)
def test_components_that_go_together_do(components: tuple[str, ...]) -> None:
    assert problems_of(base_with(*components)) == []
