"""Errors of Kafka and the network, in their own words, with the remedy: a setting, or `bridge doctor`."""

import os
import re
import ssl
import time
from asyncio import IncompleteReadError
from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime, timedelta
from typing import Final

from aiokafka.errors import (
    BrokerResponseError,
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    InvalidSessionTimeoutError,
    InvalidTimestampError,
    InvalidTransactionTimeout,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NodeNotReadyError,
    RecordListTooLargeError,
    RequestTimedOutError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.structs import TopicPartition

from bridge.kafka.client import certificate_expiries
from bridge.kafka.shared_tokens import NoTokenError, RefusedTokenError
from bridge.refusals import Refusal, SettingsError
from bridge.settings import Settings

_NOT_ALLOWED: Final = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
_OAUTH: Final = (
    "BRIDGE_KAFKA_OAUTH_TOKEN_URL, BRIDGE_KAFKA_OAUTH_CLIENT_ID, BRIDGE_KAFKA_OAUTH_CLIENT_SECRET"
    " and BRIDGE_KAFKA_OAUTH_SCOPE"
)
_OAUTH_TLS: Final = "BRIDGE_KAFKA_OAUTH_CAFILE, and that BRIDGE_KAFKA_OAUTH_TOKEN_URL has the certificate's name"
_SILENCE: Final = (KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError, RequestTimedOutError, TimeoutError)
_CERTFILE: Final = "BRIDGE_KAFKA_SSL_CERTFILE"
_LATE: Final = (KafkaTimeoutError, RequestTimedOutError, TimeoutError)
_NOBODY: Final = "Unable to bootstrap"
"""aiokafka's words when none of the addresses in the settings lets us in."""
DOCTOR_TRIES: Final = "; `bridge doctor` tries each of them"
"""The end of a sentence about a broker that does not answer."""
_NODE: Final = re.compile(r"node id (\d+)|(?:broker|Connection) at (\S+:\d+)")
"""The broker that aiokafka means."""


def in_words(error: BaseException, settings: Settings) -> str:
    """The error as a sentence without its full stop. One that is neither Kafka's nor of the way to it is given as it
    is."""
    if isinstance(error, SettingsError):
        return _plain(error)  # it names its settings
    chain = list(_chain(error))
    for each in chain:
        if found := _with_remedy(each, settings):
            return found
    if isinstance(error, _SILENCE):
        return _of_silence(chain, settings)
    if type(error) is KafkaError and isinstance(error.__cause__, KafkaError):
        return in_words(error.__cause__, settings)  # aiokafka has wrapped it in words of its own
    if not isinstance(error, KafkaError):
        return _plain(error)
    is_the_engines = type(error).__module__.startswith("processors.")  # of Kafka's classes for aiokafka's sake only
    return _said(error) if is_the_engines else f"Kafka says {_plain(error)}"


def error_name(error: BaseException) -> str:
    """For whoever may not know the brokers' addresses: Kafka's name for an error that it answered, as
    `TOPIC_AUTHORIZATION_FAILED`; that it does not answer; of another error, what it says."""
    if isinstance(error, (*_SILENCE, OSError)) and not _is_ours(error):
        return "Kafka does not answer"
    return str(error.message) if isinstance(error, BrokerResponseError) else _plain(error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    each: BaseException | None = error
    while each is not None:
        yield each
        each = each.__cause__


def _with_remedy(error: BaseException, settings: Settings) -> str | None:
    of_topic = _of_acl(error, settings) or _of_clock(error) or _of_size(error)
    return of_topic or _of_login(error, settings) or _of_connection(error, settings)


def _of_acl(error: BaseException, settings: Settings) -> str | None:
    if isinstance(error, _NOT_ALLOWED):
        remedy = f"`bridge doctor`, as {principal(settings)}, prints the command that allows it"
        return f"Kafka says {_plain(error)}: {remedy}"
    if isinstance(error, InvalidSessionTimeoutError):
        broker = "group.min.session.timeout.ms and group.max.session.timeout.ms"
        return f"Kafka says {_plain(error)}: set BRIDGE_SESSION_TIMEOUT within the broker's {broker}"
    if isinstance(error, InvalidTransactionTimeout):
        least = settings.transaction_timeout // timedelta(milliseconds=1)
        needed = f"the broker's transaction.max.timeout.ms to {least} or more"
        return f"Kafka says {_plain(error)}: set {needed}, or BRIDGE_TRANSACTION_TIMEOUT within it"
    return None


def _of_clock(error: BaseException) -> str | None:
    if isinstance(error, InvalidTimestampError):
        which = "this machine's clock is more than an hour ahead of the broker's, or half a day behind"
        remedy = "run an NTP client on both; or `bridge topics check` names a setting"
        return f"Kafka says {_plain(error)}: {which}: {remedy}"
    return None


def _of_size(error: BaseException) -> str | None:
    limits = {
        MessageSizeTooLargeError: "max.message.bytes is below what the settings need: `bridge topics check` tells",
        RecordListTooLargeError: "segment.bytes is smaller than that: raise it",
    }
    if limit := limits.get(type(error)):
        return f"Kafka says {_plain(error)}: the topic's {limit}"
    return None


def _of_login(error: BaseException, settings: Settings) -> str | None:
    if isinstance(error, NoTokenError | RefusedTokenError):
        return f"There is no token to log in to Kafka with, {_said(error)}: check {_token_login(error, settings)}"
    if isinstance(error, SaslAuthenticationFailed):
        return f"Kafka says {_plain(error)}: check {_login(settings)} ({settings.kafka_sasl_mechanism})"
    if isinstance(error, UnsupportedSaslMechanismError):
        return f"Kafka says {_plain(error)}: BRIDGE_KAFKA_SASL_MECHANISM is {settings.kafka_sasl_mechanism}"
    if isinstance(error, IllegalSaslStateError):
        return f"Kafka says {_plain(error)}: it expects no SASL there; {_protocol(settings)}"
    return None


def _token_login(error: BaseException, settings: Settings) -> str:
    if settings.kafka_sasl_mechanism == "AWS_MSK_IAM":
        return "the account"
    return _OAUTH_TLS if isinstance(error.__cause__, ssl.SSLCertVerificationError) else _OAUTH


def _login(settings: Settings) -> str:
    if settings.kafka_sasl_mechanism == "OAUTHBEARER":
        return f"{_OAUTH}, and what the brokers demand of a token"
    if settings.kafka_sasl_mechanism == "AWS_MSK_IAM":
        return "BRIDGE_KAFKA_AWS_REGION and the role's policy"
    return "BRIDGE_KAFKA_SASL_USERNAME, BRIDGE_KAFKA_SASL_PASSWORD and BRIDGE_KAFKA_SASL_MECHANISM"


def _of_connection(error: BaseException, settings: Settings) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        remedy = "check BRIDGE_KAFKA_SSL_CAFILE, and that BRIDGE_KAFKA_BOOTSTRAP_SERVERS has the certificate's names"
        return f"Kafka's certificate is not accepted ({error.verify_message}): {remedy}"
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or str(error)).replace("_", " ").lower()
        ended, files = _ended(settings), f"{_CERTFILE}, BRIDGE_KAFKA_SSL_KEYFILE"
        todo = f"check {files}; {_protocol(settings)}" if ended is None else f"replace the files of {files}"
        return f"Kafka and we agree on no TLS ({reason}{ended or ''}): {todo}"
    if isinstance(error, ConnectionResetError | IncompleteReadError):
        servers = ", ".join(settings.kafka_bootstrap_servers)
        other = "may speak no TLS" if settings.kafka_security_protocol.endswith("SSL") else "may want TLS"
        full = "has no room for one more connection (`max.connections.per.ip`, `max.connections`)"
        return f"{servers} has closed the connection: {_protocol(settings)}, and the listener there {other}, or {full}"
    return None


def _ended(settings: Settings) -> str | None:
    """When our own certificate ended, in words, or None: of an ended one Kafka only says that it does not know it."""
    try:
        ends_at = certificate_expiries(settings).get(_CERTFILE)
    except SettingsError:
        return None
    if ends_at is None or ends_at > time.time():
        return None
    return f"; the certificate of {_CERTFILE} has ended at {datetime.fromtimestamp(ends_at, UTC):%Y-%m-%d %H:%M} UTC"


def _of_silence(chain: Sequence[BaseException], settings: Settings) -> str:
    cause = chain[-1]
    why = f" ({_plain(cause)})" if cause.args and isinstance(cause, OSError | KafkaTimeoutError) else ""
    if any(_said(each).startswith(_NOBODY) for each in chain):
        servers = ", ".join(settings.kafka_bootstrap_servers)
        return f"No Kafka answers at {servers}{why}: start it, or set BRIDGE_KAFKA_BOOTSTRAP_SERVERS"
    named = next((found for each in chain if (found := _NODE.search(_said(each)))), None)
    who = "A broker" if named is None else f"Broker {named[1] or named[2]}"
    held = ", and whether a client quota holds us back" if any(isinstance(each, _LATE) for each in chain) else ""
    return f"{who} does not answer{why}: see whether it runs{held}{DOCTOR_TRIES}"


def _protocol(settings: Settings) -> str:
    return f"BRIDGE_KAFKA_SECURITY_PROTOCOL is {settings.kafka_security_protocol}"


def principal(settings: Settings) -> str:
    """Our name in Kafka's ACLs."""
    if settings.kafka_security_protocol.startswith("SASL_"):
        by_token = settings.kafka_sasl_mechanism in {"OAUTHBEARER", "AWS_MSK_IAM"}
        return "'User:<subject of the token>'" if by_token else f"User:{settings.kafka_sasl_username}"
    if settings.kafka_ssl_certfile:
        return "'User:<subject of BRIDGE_KAFKA_SSL_CERTFILE>'"
    return "User:ANONYMOUS"


def _plain(error: BaseException) -> str:
    """What an error says, without Python's notation."""
    said = _said(error)
    if isinstance(error, BrokerResponseError):
        return f"{error.message} ({said or error.description.rstrip('.')})"
    if isinstance(error, OSError):
        known = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        return known or said or _class(error)
    if isinstance(error, KafkaError):
        return said or _class(error)
    text = str(error).rstrip(".")
    return text if _is_ours(error) and text else f"{_class(error)}{text and f': {text}'}"


def _said(error: BaseException) -> str:
    for each in error.args:
        if isinstance(each, str):
            return each
        if isinstance(each, Set):  # of topics
            return ", ".join(sorted(each))
        if isinstance(each, TopicPartition):
            return f"{each.topic}/{each.partition}"
    return ""


def _class(error: BaseException) -> str:
    return type(error).__name__


def _is_ours(error: BaseException) -> bool:
    """Whether it is an exception of the bridge: those are sentences."""
    ours = {"bridge", "ingress", "processors", "schemas"}
    return isinstance(error, Refusal) or type(error).__module__.partition(".")[0] in ours
