"""Remedies for problems that a service reports in `/readyz?verbose`."""

from collections.abc import Container, Mapping
from typing import Final

from bridge.settings import Settings
from bridge.topics.difference import NOT_CHANGED

_HALTED: Final = " halted"
_FAILED: Final = " failed"
_MISSING: Final = "does not exist."
_NOT_ALLOWED: Final = "AUTHORIZATION_FAILED"
_FULL: Final = "No space left on device"
_UNREAD: Final = "could not be read"
_REFUSED: Final = (
    "`bridge doctor --part {0}`, logged in as the {0}, looks for a missing ACL, a full disk, client quotas, clocks and"
    " brokers; the {0}'s log has the error"
)
"""Only its own log says why a service's writes fail."""
_BY_CHECK: Final[Mapping[str, str]] = {
    "rules": "run `bridge topics check`",
    "group": "read the worker's log; `bridge doctor` looks for a missing ACL",
    "tenant": "if all events are of it: correct BRIDGE_TENANT for all services and restart them, then"
    " `bridge quarantine replay --all --reason other_tenant`; if only some: have that integration's URL changed",
    "events": "name in BRIDGE_EVENTS whatever NewStore sends, for all services, and restart them;"
    " docs/completeness.md#when-settings-change says what becomes of orders from before",
    "passed_over": "unless it was meant: docs/runbook.md#bridgerecordspassedover says who may have done it, and how"
    " they come again",
    "keys": "make keys by `openssl rand -hex 32`",
    "producer": _REFUSED.format("ingress"),
    "lanes": _REFUSED.format("worker"),
    "progress": _REFUSED.format("worker"),
}
OF_A_HANG: Final = "look at its log and load, and restart it if it is frozen"
"""For a service or broker that accepts connections and says nothing."""
OF_REFUSED_DELIVERIES: Final = _REFUSED.format("ingress")
_MAY_FOLLOW: Final = {
    **dict.fromkeys(("processor", "group", "lanes", "progress"), "worker"),
    **dict.fromkeys(("producer", "rules"), "ingress"),
}
"""Checks that may fail as a consequence, and their service."""
_OUT_OF_ITS_GROUP: Final = "what keeps it out of its group"
OF_SILENCE: Final = "the broker that does not answer"
OF_MISSING_TOPICS: Final = "the topics that do not exist"
_DISK: Final = "disk"
OF_A_FULL_DISK: Final = f"the full {_DISK}"
"""Other causes, as `remedy` gets them."""
_OF_A_HALT: Final = (
    "the worker's log says why it halted; docs/engine.md#when-a-lane-halts says what to do; delete nothing before that"
)
OF_DAMAGE: Final = "docs/engine.md#a-damaged-batch says what to do"
"""For a damaged batch."""
OF_LOST_DOCUMENTS: Final = (
    "the topic may have been deleted and made anew: docs/recovery.md#order-state-anew says how to have them written"
)
"""For orders that have events but no document."""
OF_OPEN_TRANSACTIONS: Final = (
    "one of a process that was killed ends by itself within its timeout;"
    " docs/runbook.md#bridgetransactionopen says how to find another one, and end it"
)
_BY_WORDS: Final[Mapping[str, str]] = {
    _FULL: "make space on the disk of BRIDGE_WORKER_DATA_DIR: it then goes on by itself",
    "a transaction has been open": OF_OPEN_TRANSACTIONS,
    "another process uses BRIDGE_WORKER_INSTANCE_ID": "end one of both, or give it an instance id of its own",
}
"""These apply to any check, whatever else is wrong."""
OF_A_FOREIGN_INGRESS: Final = "set BRIDGE_INGRESS_URL, or BRIDGE_TOPIC_PREFIX: one of both is another deployment's"
OF_A_FOREIGN_WORKER: Final = "set BRIDGE_WORKER_URL, or BRIDGE_TOPIC_PREFIX: one of both is another deployment's"
OF_A_TENANTS_WORKER: Final = "set BRIDGE_WORKER_URL, or BRIDGE_TENANT: one of both is another deployment's"
OF_A_CLUSTERS_WORKER: Final = (
    "set BRIDGE_WORKER_URL, or BRIDGE_KAFKA_BOOTSTRAP_SERVERS: one of both is another deployment's"
)
OF_ANOTHER_TENANT: Final = "give ingress, worker and this environment the same BRIDGE_TENANT"
OF_A_TENANTS_INGRESS: Final = f"set BRIDGE_INGRESS_URL, or {OF_ANOTHER_TENANT}"
OF_SILENT_NEWSTORE: Final = (
    "unless the shops are closed: ask NewStore whether the integration runs, and with which URL and key;"
    " docs/runbook.md#bridgenoeventforaday says how"
)
OF_UNCLAIMED_LANES: Final = (
    "after a start, or where a topic was made anew, wait half a minute; if it lasts, read the workers' logs"
)
OF_OTHERS: Final = "have the topics' owner do it: BRIDGE_TOPICS_MANAGED_BY is others"
OF_NO_APPLY: Final = (
    "set BRIDGE_PARTITIONS and BRIDGE_REPLICATION_FACTOR as the deployment has them;"
    " to another number of partitions it is moved by `bridge topics migrate`"
)
"""For what a topics plan refuses."""
OF_A_LOST_TOPIC: Final = "if it was there before, docs/recovery.md says what else is to be done"
"""Making it anew is not enough: it is empty then, and lanes halt."""


def of_another_tenant(name: str) -> str:
    """What to do where the service of that name, `ingress` or `worker`, is of another tenant: the ingress may be a
    neighbour's, and right."""
    return OF_A_TENANTS_INGRESS if name == "ingress" else OF_ANOTHER_TENANT


def topics_remedy(settings: Settings) -> str:
    """For topics that `bridge topics apply` puts right."""
    return "run `bridge topics apply`" if settings.manages_topics else OF_OTHERS


def topics_remedy_for(settings: Settings, what: str) -> str:
    """For losses in a topics plan."""
    if NOT_CHANGED in what:
        return OF_NO_APPLY
    apply = topics_remedy(settings)
    return f"{apply}; {OF_A_LOST_TOPIC}" if _MISSING in what else apply


def remedy(
    settings: Settings, check: str, what: str, *, cause: str | None = None, beside: Container[str] = ()
) -> str | None:
    """The remedy for a check's message; None: the message says it all.

    `cause`: another problem, which may keep a worker out of its group or make its lanes fail, unless Kafka refused it a
    permission. `beside`: all checks of that service that report something.
    """
    if by_words := next((does for words, does in _BY_WORDS.items() if words in what), None):
        return by_words
    if check == "lanes" and _HALTED in what:
        return of_a_consequence(cause, "worker") if cause and _DISK in cause else _OF_A_HALT
    if check == "rules" and _UNREAD not in what:
        cause = None
    if cause is None and check in {"lanes", "progress"} and "group" in beside:
        cause = _OUT_OF_ITS_GROUP
    if check in _MAY_FOLLOW and cause and _NOT_ALLOWED not in what:
        return of_a_consequence(cause, _MAY_FOLLOW[check])
    if check == "lanes" and _FAILED not in what:
        return "wait while tables are read; if it lasts, read the worker's log"
    if check == "topic_settings":
        return f"{topics_remedy(settings)}, or list them in BRIDGE_TOLERATED_TOPIC_SETTINGS"
    return topics_remedy_for(settings, what) if check == "topics" else _BY_CHECK.get(check)


def of_a_consequence(cause: str, service: str) -> str:
    """For a service's problem that may come from another problem."""
    return f"first mend {cause}, from which this may follow; if it lasts, read the {service}'s log"


def causes(problems: Mapping[str, str]) -> Mapping[str, str]:
    """Of a service's problems, by check, those that are no consequence of another one."""
    return {"kafka": problems["kafka"]} if "kafka" in problems else problems
