import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.refusals import SettingsError
from bridge.settings import Settings, load_settings
from schemas.events import EVENT_NAMES

Env = pytest.MonkeyPatch


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    """What load_settings prints before it ends the process with exit code 2."""
    with pytest.raises(SystemExit) as exit_:
        load_settings()
    assert exit_.value.code == 2
    return capsys.readouterr().err


def secrets(keys: tuple[bytes, ...] | None) -> list[str]:
    return [key.decode() for key in keys or ()]


def test_only_the_tenant_is_required() -> None:
    settings = load_settings()
    assert settings.tenant == "acme"
    assert settings.kafka_bootstrap_servers == ("127.0.0.1:9092",)
    assert settings.dedupe_retention == timedelta(days=400)
    assert settings.events == EVENT_NAMES
    assert settings.topics.raw == "newstore.raw.v1"
    assert settings.max_message_bytes == 8 * 1024 * 1024  # most managed Kafkas allow no more


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_or_empty_tenant_is_named(
    monkeypatch: Env, capsys: pytest.CaptureFixture[str], value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("BRIDGE_TENANT")
    else:
        monkeypatch.setenv("BRIDGE_TENANT", value)
    assert complaint(capsys) == "BRIDGE_TENANT is required.\n"


@pytest.mark.parametrize(
    ("instance_id", "given", "seconds"), [("", "", 10), ("worker-0", "", 45), ("worker-0", "12s", 12), ("", "12s", 12)]
)
def test_a_static_member_has_a_longer_session_unless_one_is_given(
    monkeypatch: Env, instance_id: str, given: str, seconds: int
) -> None:
    monkeypatch.setenv("BRIDGE_WORKER_INSTANCE_ID", instance_id)
    monkeypatch.setenv("BRIDGE_SESSION_TIMEOUT", given)
    settings = load_settings()
    assert settings.session_timeout == timedelta(seconds=seconds)
    assert settings.longest_session == timedelta(seconds=12 if given else 45)


def test_values_are_read_as_people_write_them(monkeypatch: Env) -> None:
    monkeypatch.setenv("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "a:1, b:2,")
    monkeypatch.setenv("BRIDGE_LATE_AFTER", "20 min")
    monkeypatch.setenv("BRIDGE_CHUNK_BYTES", "1 MiB")
    monkeypatch.setenv("BRIDGE_EVENTS", "order.created, order.opened")
    monkeypatch.setenv("BRIDGE_ORDERS_SINCE", "2024-02-01T00:00:00Z")
    settings = load_settings()
    assert settings.kafka_bootstrap_servers == ("a:1", "b:2")
    assert settings.late_after == timedelta(minutes=20)
    assert settings.chunk_bytes == 1 << 20
    assert settings.events == ("order.created", "order.opened")
    assert settings.orders_since == datetime(2024, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("LOG_LEVEL", "INFO", "info"),
        ("LOG_LEVEL", "Warn", "warning"),
        ("LOG_FORMAT", "JSON", "json"),
        ("COMPRESSION", "GZIP", "gzip"),
        ("TRACING", "Off", "off"),
        ("TOPICS_MANAGED_BY", "Others", "others"),
        ("KAFKA_SECURITY_PROTOCOL", "ssl", "SSL"),
        ("KAFKA_SASL_MECHANISM", "scram-sha-256", "SCRAM-SHA-256"),
        ("KAFKA_SASL_MECHANISM", "aws_msk_iam", "AWS_MSK_IAM"),
        ("ORDER_LINES", "TRUE", True),
        ("INGRESS_ALLOW_ANONYMOUS", "False", False),
    ],
)
def test_a_value_out_of_a_list_is_read_in_any_case(monkeypatch: Env, name: str, written: str, value: str) -> None:
    monkeypatch.setenv(f"BRIDGE_{name}", written)
    assert getattr(load_settings(), name.lower()) == value


@pytest.mark.parametrize("name", ["BRIDGE_EVENTS", "BRIDGE_TOLERATED_TOPIC_SETTINGS"])
@pytest.mark.parametrize("value", ['["order.created", "order.opened"]', "order.created order.opened", "{all, any}"])
def test_what_cannot_be_names_is_refused(
    monkeypatch: Env, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    """A JSON list was cut at its commas. Events of such names never come, so none was ever missing."""
    monkeypatch.setenv(name, value)
    assert complaint(capsys).startswith(f"{name}: is no list of names: put commas between them, and no brackets")


def test_every_bad_value_gets_a_sentence_with_its_variable(
    monkeypatch: Env, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {
        "BRIDGE_PARTITIONS": "0",
        "BRIDGE_INGRESS_PORT": "tcp://10.0.0.1:80",
        "BRIDGE_LATE_AFTER": "0s",
        "BRIDGE_CHUNK_BYTES": "8MB",
        "BRIDGE_KAFKA_SECURITY_PROTOCOL": "TLS",
        "BRIDGE_ORDERS_SINCE": "2024-02-01T00:00:00",
        "BRIDGE_TOPIC_PREFIX": "a b",
        "BRIDGE_IDEMPOTENCY_KEYS": "/no/such/file",
    }
    for name, value in bad.items():
        monkeypatch.setenv(name, value)
    said = complaint(capsys)
    assert {line.partition(":")[0] for line in said.splitlines()} == set(bad)
    assert not [value for value in bad.values() if len(value) > 1 and value in said.replace("8 MiB", "")]


@pytest.mark.parametrize("name", [field for field in Settings.model_fields if field.endswith("_timeout")])
@pytest.mark.parametrize(("value", "wrong"), [("499ms", "is not 500 ms or more"), ("1441min", "is not 1 d or less")])
def test_a_timeout_that_no_request_of_kafkas_can_have_is_refused(
    monkeypatch: Env, capsys: pytest.CaptureFixture[str], name: str, value: str, wrong: str
) -> None:
    """Kafka's milliseconds have 32 bits. With too few of them, no broker answers in time."""
    variable = f"BRIDGE_{name.upper()}"
    monkeypatch.setenv(variable, value)
    assert complaint(capsys) == f"{variable}: {wrong}.\n"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"BRIDGE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "BRIDGE_KAFKA_SASL_PASSWORD"),
        ({"BRIDGE_KAFKA_SSL_CERTFILE": __file__}, "BRIDGE_KAFKA_SSL_KEYFILE"),
    ],
)
def test_settings_that_contradict_each_other_are_named(
    monkeypatch: Env, capsys: pytest.CaptureFixture[str], environment: dict[str, str], named: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert named in complaint(capsys)


def test_a_broken_key_table_is_a_bad_setting(
    monkeypatch: Env, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "keys.yaml"
    table.write_text("order.created: {key: 7}")
    monkeypatch.setenv("BRIDGE_IDEMPOTENCY_KEYS", str(table))
    assert "order.created" in complaint(capsys)


def test_an_unknown_variable_is_warned_about_with_the_nearest_setting(
    monkeypatch: Env, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRIDGE_INGRESS_PROT", "1")
    load_settings()
    warning = capsys.readouterr().err
    assert "BRIDGE_INGRESS_PROT" in warning
    assert "BRIDGE_INGRESS_PORT" in warning


def test_api_keys_are_a_list_or_the_lines_of_a_file(monkeypatch: Env, tmp_path: Path) -> None:
    monkeypatch.setenv("BRIDGE_INGRESS_API_KEYS", "one, two")
    assert secrets(load_settings().bearer_keys("ingress")) == ["one", "two"]
    monkeypatch.delenv("BRIDGE_INGRESS_API_KEYS")
    file = tmp_path / "keys"
    file.write_text("old,with comma\nnew \n\n")
    monkeypatch.setenv("BRIDGE_INGRESS_API_KEYS_FILE", str(file))
    assert secrets(load_settings().bearer_keys("ingress")) == ["old,with comma", "new"]


@pytest.mark.parametrize("held", ["one\x1b[0m", "one\rtwo", "one\x7f", "one\x00"])
def test_a_key_that_no_header_can_carry_is_refused(
    monkeypatch: Env, capsys: pytest.CaptureFixture[str], tmp_path: Path, held: str
) -> None:
    file = tmp_path / "keys"
    file.write_text(f"good\n{held}\n", newline="")
    monkeypatch.setenv("BRIDGE_WORKER_API_KEYS_FILE", str(file))
    assert complaint(capsys) == "BRIDGE_WORKER_API_KEYS_FILE: holds characters that no header can have.\n"


def test_two_lines_are_no_list_of_keys(monkeypatch: Env, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BRIDGE_INGRESS_API_KEYS", "one\ntwo")
    assert complaint(capsys) == "BRIDGE_INGRESS_API_KEYS: holds characters that no header can have.\n"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_only_the_trailing_newline_of_a_password_file_is_cut(monkeypatch: Env, tmp_path: Path, ending: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(b" pass word " + ending.encode())
    monkeypatch.setenv("BRIDGE_KAFKA_SASL_PASSWORD_FILE", str(file))
    password = load_settings().kafka_sasl_password
    assert password is not None
    assert password.get_secret_value() == " pass word "


@pytest.mark.parametrize("name", ["KAFKA_SASL_PASSWORD", "INGRESS_API_KEYS", "WORKER_API_KEYS"])
def test_both_forms_of_one_secret_are_refused(
    monkeypatch: Env, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2")
    monkeypatch.setenv(f"BRIDGE_{name}", "hunter2")
    monkeypatch.setenv(f"BRIDGE_{name}_FILE", str(file))
    said = complaint(capsys)
    assert f"BRIDGE_{name} and BRIDGE_{name}_FILE" in said
    assert "hunter2" not in said


def test_an_unreadable_secret_file_is_named(monkeypatch: Env, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BRIDGE_WORKER_API_KEYS_FILE", "/no/such/file")
    assert re.match(r"BRIDGE_WORKER_API_KEYS_FILE: /no/such/file cannot be read: No such file", complaint(capsys))


def test_no_secret_shows_in_the_settings_printed() -> None:
    settings = Settings(
        tenant="acme", ingress_api_keys="hunter2", worker_api_keys="hunter2", kafka_sasl_password="hunter2"
    )
    assert "hunter2" not in repr(settings) + str(settings.model_dump())


@pytest.mark.parametrize("service", ["ingress", "worker"])
def test_without_keys_anonymity_must_be_asked_for(service: str) -> None:
    none = Settings(tenant="acme")
    with pytest.raises(SettingsError, match=f"BRIDGE_{service.upper()}_API_KEYS is not set"):
        none.bearer_keys(service)  # type: ignore[arg-type]  # parametrized
    allowed = Settings.model_validate({"tenant": "acme", f"{service}_allow_anonymous": True})
    assert allowed.bearer_keys(service) is None  # type: ignore[arg-type]  # parametrized


def test_keys_are_asked_for_even_if_anonymity_was_allowed() -> None:
    settings = Settings(tenant="acme", ingress_api_keys=("one",), ingress_allow_anonymous=True)
    assert settings.bearer_keys("ingress") == (b"one",)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_worker_on_all_addresses_advertises_one_that_can_be_reached(host: str) -> None:
    url = Settings(tenant="acme", worker_web_host=host, worker_web_port=7000).worker_advertised_url
    assert url.endswith(":7000")
    assert host not in url


@pytest.mark.parametrize(
    ("host", "named"), [("10.0.0.5", "10.0.0.5"), ("::1", "[::1]"), ("fd00::7", "[fd00::7]"), ("[::1]", "[::1]")]
)
def test_a_worker_on_one_address_advertises_it(host: str, named: str) -> None:
    assert Settings(tenant="acme", worker_web_host=host).worker_advertised_url == f"http://{named}:6066"
    on_any_port = Settings(tenant="acme", worker_web_host=host, worker_web_port=0)
    assert on_any_port.worker_advertised_url == f"http://{named}"


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1:6066",
        "http://h:99999",
        "http://h:0",
        "localhost:26161",
        "foo",
        "ftp://x",
        "http://$(POD_IP):6066",
        "http://a b",
        "http://a:1\n",
    ],
)
@pytest.mark.parametrize("name", ["worker_advertised_url", "worker_url", "ingress_url"])
def test_what_is_no_url_is_refused(monkeypatch: Env, capsys: pytest.CaptureFixture[str], name: str, url: str) -> None:
    """Without a scheme, a running worker was reported as one that does not answer."""
    monkeypatch.setenv(f"BRIDGE_{name.upper()}", url)
    assert complaint(capsys).startswith(f"BRIDGE_{name.upper()}: is no URL of a host")
    for well in ("https://worker.example", "http://[fd00::7]:6066"):
        monkeypatch.setenv(f"BRIDGE_{name.upper()}", well)
        assert getattr(load_settings(), name) == well


@pytest.mark.parametrize("names", ["all", "all ", " ALL", "All,", "all,all"])
def test_all_events_are_all_of_them_however_that_is_written(monkeypatch: Env, names: str) -> None:
    monkeypatch.setenv("BRIDGE_EVENTS", names)
    assert load_settings().events == EVENT_NAMES


def test_all_is_no_name_among_others(monkeypatch: Env, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BRIDGE_EVENTS", "all,order.created")
    assert complaint(capsys).startswith("BRIDGE_EVENTS: has all beside names")


@pytest.mark.parametrize("time", ["20240101", "2024", "1704067200.5", "2024-01-01T00:00Z", "2024-01-01"])
def test_a_number_is_no_time(monkeypatch: Env, capsys: pytest.CaptureFixture[str], time: str) -> None:
    """Pydantic takes a number for seconds since 1970: no order would be from before the bridge."""
    monkeypatch.setenv("BRIDGE_ORDERS_SINCE", time)
    assert complaint(capsys).startswith("BRIDGE_ORDERS_SINCE: is no time: write it as 2026-01-01T00:00:00Z")
