import pytest
from pydantic import ValidationError

from bridge.settings import Settings, load_settings


def settings(brokers: str) -> Settings:
    return Settings.model_validate({"tenant": "acme", "kafka_bootstrap_servers": brokers})


@pytest.mark.parametrize(
    "brokers",
    [
        "kafka:9092",
        "kafka",
        "kafka_1.internal.:1",
        "b-1.acme.kafka.eu-west-1.amazonaws.com:9098, 10.0.0.7:65535",
        "bücher.example:9092",
        "[::1]:9092",
        "[::1]",
        "::1",
        "[fe80::1%eth0]:9092",
    ],
)
def test_a_broker_is_a_name_or_an_ip_address_with_or_without_a_port(brokers: str) -> None:
    assert ", ".join(settings(brokers).kafka_bootstrap_servers) == brokers


@pytest.mark.parametrize(
    "broker",
    [
        "kafka:9O92",
        "kafka:",
        "kafka:9092/",
        "kafka:+9092",
        "kafka:9_092",
        "kafka:٩٠٩٢",
        "kafka:0",
        "kafka:65536",
        "kafka:99999",
        ":9092",
        ":99999",
        "a..b:9092",
        f"{'a' * 64}:9092",
        "PLAINTEXT://kafka:9092",
        "user@kafka:9092",
        "kaf ka:9092",
        "kaf\0ka:9092",
        "[kafka]:9092",
        "[::1]9092",
        "[::1",
        "[]:9092",
        "::g:9092",
    ],
)
def test_anything_else_is_refused(broker: str) -> None:
    with pytest.raises(ValidationError, match="is no address"):
        settings(f"kafka:9092,{broker}")


def test_it_is_one_sentence_and_exit_code_2_and_does_not_repeat_what_was_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRIDGE_TENANT", "acme")
    monkeypatch.setenv("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092,user:hunter2@kafka:9O92")
    with pytest.raises(SystemExit) as ended:
        load_settings()
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n"), "hunter2" in said) == (2, 1, False)
    assert said.startswith("BRIDGE_KAFKA_BOOTSTRAP_SERVERS: broker 2 of 2 is no address")
