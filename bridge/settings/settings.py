"""Settings of every service: environment variables with the prefix `BRIDGE_` (table: docs/settings.md)."""

import socket
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, FilePath, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bridge.refusals import SettingsError
from bridge.settings.connection import Connection
from bridge.settings.environment import PREFIX, SecretFiles
from bridge.settings.types import (
    AnyCase,
    ApiKeys,
    Count,
    Duration,
    EventNames,
    HttpUrl,
    Moment,
    Names,
    Port,
    Share,
    ShownUrl,
    Size,
    Timeout,
    TopicPrefix,
    VisibleText,
    Watched,
)
from schemas.events import EVENT_NAMES
from schemas.keytable import KeyTable
from schemas.topics import Topics

ENVELOPE_BYTES = 128 * 1024
"""Room that a Kafka record needs beside the webhook's body: key, headers, batch overhead."""

STATIC_SESSION = timedelta(seconds=45)
"""Of a worker with an instance id, which comes back to its partitions: they wait for it while its node is drained."""


def _advertised_url(data: dict[str, Any]) -> str:
    host = data.get("worker_web_host", "")
    reachable = socket.gethostname() if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not bound
    name = f"[{reachable.strip('[]')}]" if ":" in reachable else reachable
    return _url(name, data.get("worker_web_port"))


def _url(host: str, port: int | None) -> str:
    return f"http://{host}:{port}" if port else f"http://{host}"  # 0: any free port, which nobody else can know


class Settings(Connection):
    """One attribute per variable: its name without `BRIDGE_`, in lower case. Immutable."""

    topic_prefix: TopicPrefix = Field(
        "newstore", description="first part of every topic, consumer group and transactional id"
    )
    partitions: Count = Field(
        8,
        description="partitions of each topic but `rules` and `backfill`, which have one; [the same for `bridge topics "
        "apply` and every service](topics.md#what-else-may-differ)",
    )
    replication_factor: Count = Field(
        1,
        description="copies of each partition, the same for `bridge topics apply` and every service; from 3: "
        "`min.insync.replicas=2`",
    )
    compression: AnyCase[Literal["gzip", "lz4", "snappy", "zstd", "none"]] = Field(
        "gzip",
        description="of what is written to Kafka: `gzip`, which every client reads without extras, `lz4`, `snappy`, "
        "`zstd` or `none` ([what it takes](consuming.md#compression))",
    )
    topics_managed_by: AnyCase[Literal["bridge", "others"]] = Field(
        "bridge",
        description="`others`: no command creates or alters a topic ([they check](topics.md#topics-of-others))",
    )
    tolerated_topic_settings: Names = Field(
        (), description="Kafka's names of topic settings that may differ, unless that loses data; they are not set"
    )

    ingress_host: VisibleText = Field("0.0.0.0", description="address that the webhook listens on")  # noqa: S104 - contract
    ingress_port: Port = Field(8080, description="its port")
    ingress_api_keys: ApiKeys = Field((), description="accepted bearer keys; two while rotating")
    ingress_allow_anonymous: bool = Field(False, description="`true`: start without any key and ask for none")
    # Managed Kafka takes messages of 8 MiB at most.
    ingress_max_body_bytes: Size = Field(
        (8 << 20) - ENVELOPE_BYTES,
        le=41 << 20,
        description="largest webhook body, at most `41 MiB`; topics must allow 128 KiB more",
    )
    ingress_max_in_flight: Count = Field(1024, description="requests waiting for Kafka; above: 429")
    ingress_max_in_flight_bytes: Size = Field(
        256 << 20, description="bytes waiting for Kafka, with their copies ([memory](ingress.md#memory)); above: 429"
    )
    ingress_ack_timeout: Timeout = Field(
        timedelta(seconds=10),
        description="waiting for Kafka's acknowledgement; past it, or once [its tries](ingress.md#waiting-for-kafka) "
        "have failed: 500",
    )

    ingress_url: ShownUrl = Field(
        default_factory=lambda data: _url("127.0.0.1", data.get("ingress_port")),
        description="where commands reach the ingress, and its health at `BRIDGE_OPS_PORT` of that host; default: this "
        "machine and its port",
    )

    http_max_connections: Count = Field(
        2048,
        description="open connections to the webhook, or to the worker; at more, those that wait longest make room",
    )
    http_max_connections_per_peer: Count | None = Field(
        None, description="the same from one address; behind a proxy, whose address is one, leave it unset"
    )
    log_format: AnyCase[Literal["auto", "pretty", "json"]] = Field(
        "auto", description="of the services' logs: `pretty`, `json`, or `auto`: pretty on a terminal, else JSON"
    )
    log_level: AnyCase[Literal["debug", "info", "warning", "error"]] = Field(
        "info", description="least level that is logged; `debug` has the libraries' own lines, too"
    )
    tracing: AnyCase[Literal["off", "otlp"]] = Field(
        "off", description="`otlp`: send [spans](tracing.md) to a collector; needs the extra `otel`"
    )
    ops_port: Port | None = Field(
        None, description="port of health, metrics and OpenAPI; default: the service's own port answers them"
    )

    worker_data_dir: Path = Field(Path("data"), description="RocksDB; one directory per worker")
    worker_instance_id: VisibleText | None = Field(
        None, description="static membership (pod's name), at an address that stays"
    )
    worker_web_host: VisibleText = Field("0.0.0.0", description="order queries, health, metrics")  # noqa: S104 - contract
    worker_web_port: Port = Field(6066, description="their port")
    worker_advertised_url: HttpUrl = Field(
        default_factory=_advertised_url,
        description="how other workers reach this one; default: from host and port",
    )
    worker_api_keys: ApiKeys = Field((), description="bearer keys for order data and the [console](console.md)")
    worker_allow_anonymous: bool = Field(False, description="`true`: start without any key and ask for none")
    worker_unmasked: bool = Field(
        False, description="`true`: show raw bodies as they are, personal data and all; each look is logged"
    )
    worker_url: ShownUrl = Field("http://127.0.0.1:6066", description="the worker that commands ask")

    session_timeout: Timeout = Field(
        timedelta(seconds=10),
        description="a silent worker loses its partitions after this; `45 s` with `BRIDGE_WORKER_INSTANCE_ID`",
    )
    transaction_timeout: Timeout = Field(
        timedelta(seconds=10), description="Kafka aborts an open transaction after this"
    )
    chunk_records: Count = Field(5000, description="most records that one transaction takes")
    chunk_bytes: Size = Field(
        8 << 20,
        description="most bytes of records that one transaction takes; it writes at most four times as many, or what "
        "one record leads to",
    )
    shape_sample: Share = Field(
        0.01, description="share of the raw records that are compared with the models of their events; 0: none"
    )
    dedupe_retention: Duration = Field(
        timedelta(days=400), description="how long an idempotency key is remembered; the same for every service"
    )
    cleaned_retention: Duration = Field(
        timedelta(days=30),
        description="how long cleaned topics keep records; the same for every service. Longer than a worker is ever "
        "away: what it has not joined by then its orders lack ([for good](engine.md#when-a-lane-halts))",
    )
    order_retention: Duration = Field(
        timedelta(days=400),
        description="how long an order is kept after its last event was received ([privacy](privacy.md))",
    )
    order_state_customer: bool = Field(
        True,
        description="`false`: the order-state topic is without customers, and without texts and objects that may "
        "name them ([which](privacy.md#without-customers-in-the-topic))",
    )
    order_lines: bool = Field(
        False,
        description="`true`: each order's items are written to a topic of their own, too, a flat record each "
        "([warehouses](warehouse.md))",
    )
    late_after: Duration = Field(
        timedelta(minutes=15),
        description="NewStore's delivery SLA; an order that waits longer for an event is [incomplete](completeness.md)",
    )
    stalled_opened: Watched = Field(
        timedelta(hours=24),
        description="an order is [stalled](completeness.md#orders-that-stand-still) if it is created and not opened or "
        "cancelled for so long; `off`: this is not watched, and so for each of these",
    )
    stalled_captured: Watched = Field(
        timedelta(hours=24), description="the same from goods that went out to the capture of their money"
    )
    stalled_refunded: Watched = Field(
        timedelta(days=5), description="the same from a return or a refund request to its refund"
    )
    stalled_completed: Watched = Field(
        timedelta(hours=24), description="the same from the last open item to the order's completion"
    )
    stalled_handed_over: Watched = Field(
        timedelta(days=7), description="the same from goods that are ready to their handover"
    )
    events: EventNames = Field(
        EVENT_NAMES,
        description="event names the integration is subscribed to; others never count as missing, and nothing is said "
        "that they might tell otherwise; where it gets more, [orders from before]"
        "(completeness.md#when-settings-change) need a replay or `BRIDGE_ORDERS_SINCE`",
    )
    orders_since: Moment | None = Field(
        None,
        description="RFC 3339, since when NewStore delivers, default: the first raw record; older orders are "
        "[`partial_history`](completeness.md#orders-that-never-were-whole)",
    )
    history_window: Duration = Field(
        timedelta(days=120),
        description="how long after an order was placed something still comes of it: the longest time to return it in",
    )
    registry_username: VisibleText | None = Field(
        None, description="of the schema registry that `bridge schema register` is told"
    )
    registry_password: SecretStr | None = Field(None, description="its password")
    idempotency_keys: FilePath | None = Field(None, description="a YAML file in place of the shipped key table")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - interface
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - interface
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment and the files it names; no dotenv, no secrets directory."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @model_validator(mode="before")
    @classmethod
    def _of_static_members(cls, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("worker_instance_id") and not given.get("session_timeout"):
            return {**given, "session_timeout": STATIC_SESSION}
        return given

    @cached_property
    def topics(self) -> Topics:
        """Names of all topics under this prefix."""
        return Topics(self.topic_prefix)

    @property
    def state_topics(self) -> tuple[str, ...]:
        """Topics made from orders: their states, and their lines if these are wanted."""
        topics = self.topics
        return (topics.order_state, topics.order_lines) if self.order_lines else (topics.order_state,)

    @cached_property
    def key_table(self) -> KeyTable:
        """The idempotency key table in use: shipped, or the file of `BRIDGE_IDEMPOTENCY_KEYS`."""
        return KeyTable.load(self.idempotency_keys) if self.idempotency_keys else KeyTable.shipped()

    @property
    def group_id(self) -> str:
        """Consumer group of the workers, and the first part of their transactional ids."""
        return f"{self.topic_prefix}.bridge.v1"

    @property
    def manages_topics(self) -> bool:
        """Whether commands may create and alter topics."""
        return self.topics_managed_by == "bridge"

    @property
    def longest_session(self) -> timedelta:
        """After this a worker that has ended is no member of the group any more, with or without an instance id."""
        return self.session_timeout if "session_timeout" in self.model_fields_set else STATIC_SESSION

    @property
    def compression_type(self) -> str | None:
        """`compression` as aiokafka's producers take it."""
        return None if self.compression == "none" else self.compression

    @property
    def max_message_bytes(self) -> int:
        """`max.message.bytes` of every topic, and the producers' `max_request_size`."""
        return self.ingress_max_body_bytes + ENVELOPE_BYTES

    def bearer_keys(self, service: Literal["ingress", "worker"]) -> tuple[bytes, ...] | None:
        """Accepted bearer keys of a service; None = anonymous callers are allowed.

        SettingsError: no keys are set, and the settings do not allow anonymous callers.
        """
        keys: tuple[SecretStr, ...] = getattr(self, f"{service}_api_keys")
        if keys:
            return tuple(key.get_secret_value().encode() for key in keys)
        if getattr(self, f"{service}_allow_anonymous"):
            return None
        name = f"{PREFIX}{service.upper()}"
        without = f"to let anybody in, set {name}_ALLOW_ANONYMOUS=true"
        raise SettingsError(f"{name}_API_KEYS is not set. Make a key by `openssl rand -hex 32`; {without}.")
