"""Ways to break rendered manifests, and what `python -m deploy.check` has to say of each."""

from typing import NamedTuple

STRIMZI = ("kafka-strimzi", "kafka-scram", "kafka-ca")
_POLICIES = ("network-policy",)
_INGRESS, _WORKER = "Deployment bridge-ingress", "StatefulSet bridge-worker"


class Break(NamedTuple):
    """In the object with this title, `before` becomes `after`, in JSON with spaces behind colons and commas. `words`:
    part of what the check says."""

    title: str
    before: str
    after: str
    words: str
    components: tuple[str, ...] = ()


VALUES = {
    "a quantity": Break(_INGRESS, '"memory": "768Mi"', '"memory": "768Mib"', "768Mib is no quantity"),
    "a volume's size": Break(_WORKER, '"storage": "20Gi"', '"storage": "20 Gi"', "20 Gi is no quantity"),
    "a request above its limit": Break(_INGRESS, '"cpu": "250m"', '"cpu": "2500m"', "more cpu than its limit"),
    "a pull policy": Break(_INGRESS, "IfNotPresent", "IfNotPresents", "imagePullPolicy is never IfNotPresents"),
    "an access mode": Break(_WORKER, "ReadWriteOnce", "ReadWriteTwice", "accessModes is never ReadWriteTwice"),
    "a protocol": Break("NetworkPolicy bridge-to-kafka", "TCP", "TPC", "protocol is never TPC", _POLICIES),
    "a name": Break("Service bridge-ingress", '"name": "bridge-ingress"', '"name": "Bridge"', "its name is none"),
    "a label": Break("Service bridge-ingress", '"newstore-bridge"', '"newstore bridge"', "of the label"),
    "a selector of other pods": Break(
        _WORKER,
        '"selector": {"matchLabels": {"app.kubernetes.io/name"',
        '"selector": {"matchLabels": {"app"',
        "does not choose its own pods",
    ),
    "a variable twice": Break(
        _WORKER, '"name": "BRIDGE_WORKER_INSTANCE_ID"', '"name": "POD_NAME"', "POD_NAME stands twice"
    ),
}

LIFE = {
    "a probe's path": Break(_WORKER, "/livez", "/live", "asks for /live, and the bridge answers /livez"),
    "a probe at the other port": Break(
        _INGRESS, '"path": "/readyz", "port": "ops"', '"path": "/readyz", "port": "http"', "only ops answers it"
    ),
    "a grace period": Break(_INGRESS, 'GracePeriodSeconds": 30', 'GracePeriodSeconds": 14', "grace period of 14 s"),
    "a pause": Break(_INGRESS, '{"preStop": {"sleep": {"seconds": 5}}}', "{}", "without a pause before SIGTERM"),
    "no group of the files": Break(_WORKER, '"fsGroup": 10001, ', "", "cannot read its Secrets"),
    "a disk above the limit": Break(_INGRESS, '"sizeLimit": "64Mi"', '"sizeLimit": "1Gi"', "it would be evicted"),
    "another image": Break(
        _WORKER,
        '"image": "newstore-kafka-bridge:0.1.0", "imagePullPolicy": "IfNotPresent", "lifecycle"',
        '"image": "newstore-kafka-bridges:0.1.0", "imagePullPolicy": "IfNotPresent", "lifecycle"',
        "more than one image",
    ),
    "a service that there is not": Break(_WORKER, '["worker"]', '["workers"]', "no command `bridge workers`"),
    "a command that there is not": Break(_WORKER, '"apply"', '"aply"', "no command `bridge topics aply"),
    "a value of an option": Break(_WORKER, '"1h"', '"1hour"', "`bridge topics apply --yes --wait 1hour`"),
    "a strategy": Break(_INGRESS, '"maxSurge": 1', '"maxSurge": 0', "its strategy replaces no pod"),
    "a budget": Break(
        "PodDisruptionBudget bridge-ingress", '"maxUnavailable": 1', '"minAvailable": 2', "no node can be drained"
    ),
    "an autoscaler's amount": Break(
        "HorizontalPodAutoscaler bridge-ingress", '"500m"', '"500"', "waits for more cpu", ("autoscaling",)
    ),
}

LOGINS = {
    "a certificate's file": Break(
        "ConfigMap bridge", "user.crt", "user.cert", "SSL_CERTFILE names a file that no volume brings", ("kafka-mtls",)
    ),
    "the CA's file": Break(
        "ConfigMap bridge", "kafka-ca/", "kafka-cas/", "SSL_CAFILE names a file that no volume brings", STRIMZI
    ),
    "a password's file": Break(
        _INGRESS,
        '"mountPath": "/etc/bridge-kafka",',
        '"mountPath": "/etc/kafka",',
        "PASSWORD_FILE names a file",
        STRIMZI,
    ),
    "a user": Break(_INGRESS, '"value": "newstore-ingress"', '"value": "newstore-in"', "no such KafkaUser", STRIMZI),
    "another one's user": Break(
        _INGRESS,
        '"value": "newstore-ingress"',
        '"value": "newstore-worker"',
        "not the user of the part ingress",
        STRIMZI,
    ),
    "another one's password": Break(
        _INGRESS,
        '"secretName": "newstore-ingress"',
        '"secretName": "newstore-worker"',
        "by the Secret newstore-worker",
        STRIMZI,
    ),
    "a mechanism": Break("ConfigMap bridge", "SCRAM-SHA-512", "SCRAM-SHA-256", "by scram-sha-256", STRIMZI),
    "a topic of no Kafka": Break("KafkaTopic newstore.raw.v1", "strimzi.io/cluster", "cluster", "no label", STRIMZI),
    "a topic of another Kafka": Break(
        "KafkaTopic newstore.raw.v1", "my-cluster", "theirs", "more than one Kafka", STRIMZI
    ),
    "another Kafka": Break(
        "ConfigMap bridge",
        "kafka:9092",
        "theirs-kafka-bootstrap.kafka:9093",
        "topics and users are of my-cluster",
        STRIMZI,
    ),
    "a rule that forbids": Break(
        "KafkaUser newstore-worker", '{"operations"', '{"type": "deny", "operations"', "a rule forbids", STRIMZI
    ),
}

WAYS = {
    "Kafka's port": Break(
        "ConfigMap bridge", "kafka:9092", "kafka:9099", "out to the port 9099 of BRIDGE_KAFKA", _POLICIES
    ),
    "Kafka's ports in the policy": Break(
        "NetworkPolicy bridge-to-kafka",
        '"port": 9092',
        '"port": 9093',
        "out to the port 9092 of BRIDGE_KAFKA",
        _POLICIES,
    ),
    "peers": Break(_WORKER, '"serviceName": "bridge-worker-peers"', '"serviceName": "peers"', "no headless Service"),
    "an address for peers": Break(_WORKER, "bridge-worker-peers:6066", "bridge-peers:6066", "no Service bridge-peers"),
    "a port for peers": Break(_WORKER, "bridge-worker-peers:6066", "bridge-worker-peers:6067", "has no port 6067"),
    "no port for peers": Break(_WORKER, "bridge-worker-peers:6066", "bridge-worker-peers", "has no port 80"),
    "an address for peers that is none": Break(
        _WORKER, "bridge-worker-peers:6066", "bridge-peers:606600", "BRIDGE_WORKER_ADVERTISED_URL: is no URL"
    ),
    "where the tables are": Break(_WORKER, "/var/lib/bridge", "/var/lib/bridges", "where its tables are"),
    "a claim": Break(
        _WORKER, '"name": "data"}, "spec"', '"name": "disk"}, "spec"', "the volume disk is mounted nowhere"
    ),
    "what a Service leads to": Break(
        "Service bridge-worker",
        '"selector": {"app.kubernetes.io/name": "bridge-worker"}',
        '"selector": {"app.kubernetes.io/name": "bridge-ingress"}',
        "it is for bridge-worker, and leads to bridge-ingress",
    ),
    "the metrics' path": Break("PodMonitor bridge", "/metrics", "/metric", "asks for /metric", ("monitoring",)),
    "the ingress at its pod's loopback": Break(
        "ConfigMap bridge", '"BRIDGE_OPS_PORT"', '"BRIDGE_INGRESS_HOST": "127.0.0.1", "BRIDGE_OPS_PORT"', "at 127.0.0.1"
    ),
    "more in flight than there is memory": Break(
        "ConfigMap bridge",
        '"BRIDGE_OPS_PORT"',
        '"BRIDGE_INGRESS_MAX_IN_FLIGHT_BYTES": "2GiB", "BRIDGE_OPS_PORT"',
        "its memory limit of 768Mi leaves nothing beside 2 GiB",
    ),
    "the worker at its pod's loopback": Break(
        "ConfigMap bridge", '"BRIDGE_OPS_PORT"', '"BRIDGE_WORKER_WEB_HOST": "::1", "BRIDGE_OPS_PORT"', "listens at ::1"
    ),
    "a route's path": Break(
        "HTTPRoute bridge-webhook", "/webhooks/newstore", "/newstore", "no rule leads POST", ("gateway",)
    ),
    "a route's method": Break("HTTPRoute bridge-webhook", "POST", "PUT", "no rule leads POST", ("gateway",)),
    "a route's timeout": Break(
        "HTTPRoute bridge-webhook", "60s", "5s", "timeout request is 5 s, and the ingress may take 50 s", ("gateway",)
    ),
    "a timeout that the settings outgrow": Break(
        "ConfigMap bridge",
        '"BRIDGE_OPS_PORT"',
        '"BRIDGE_INGRESS_ACK_TIMEOUT": "30s", "BRIDGE_OPS_PORT"',
        "is 60 s, and the ingress may take 90 s",
        ("gateway",),
    ),
    "an Ingress' timeout": Break("Ingress bridge-webhook", '"60"', '"6"', "proxy-read-timeout is 6 s", ("ingress",)),
    "a route's host": Break("HTTPRoute bridge-webhook", "newstore-bridge.", "bridge.", "no listener for", ("gateway",)),
    "a route's listener": Break("HTTPRoute bridge-webhook", '"https"', '"http"', "no listener http", ("gateway",)),
    "a route's Gateway": Break(
        "HTTPRoute bridge-webhook", '"name": "bridge", "sec', '"name": "gate", "sec', "no Gateway gate", ("gateway",)
    ),
    "an Ingress' path": Break("Ingress bridge-webhook", "/webhooks/newstore", "/news", "no path leads", ("ingress",)),
    "an Ingress' certificate": Break(
        "Ingress bridge-webhook", '["newstore-', '["', "its certificate is for", ("ingress",)
    ),
    "an Ingress' port": Break("Ingress bridge-webhook", '"name": "http"', '"name": "web"', "port web", ("ingress",)),
}

ALL = VALUES | LIFE | LOGINS | WAYS
