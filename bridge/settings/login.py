"""What each way to log in to Kafka needs. Pure."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from bridge.settings.environment import PREFIX

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM"]
"""Of SASL. The last one is OAUTHBEARER on the wire, with tokens that AWS's own library makes."""

_PASSWORD: Final = ("kafka_sasl_username", "kafka_sasl_password")
_NEEDED: Final[Mapping[Mechanism, tuple[str, ...]]] = {
    "PLAIN": _PASSWORD,
    "SCRAM-SHA-256": _PASSWORD,
    "SCRAM-SHA-512": _PASSWORD,
    "OAUTHBEARER": ("kafka_oauth_token_url", "kafka_oauth_client_id", "kafka_oauth_client_secret"),
    "AWS_MSK_IAM": ("kafka_aws_region",),
}


def login_problem(protocol: str, mechanism: Mechanism, given: Mapping[str, Any]) -> str | None:
    """A sentence without its full stop on what does not do among the settings `given`; None: nothing."""
    if not protocol.startswith("SASL_"):
        return None
    if lacking := [f"{PREFIX}{name.upper()}" for name in _NEEDED[mechanism] if not given[name]]:
        return f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} needed with {protocol} and {mechanism}"
    if mechanism == "AWS_MSK_IAM" and protocol != "SASL_SSL":
        return "BRIDGE_KAFKA_SECURITY_PROTOCOL must be SASL_SSL with AWS_MSK_IAM"
    return None
