from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.settings import Settings, try_settings
from bridge.settings.types import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20s", 20),
        ("15 min", 900),
        ("250ms", 0.25),
        ("1.5 h", 5400),
        ("400 d", 400 * 86_400),
        ("7", 7),
        (" 7 s ", 7),
        ("0", 0),
        ("365000d", 365_000 * 86_400),
    ],
)
def test_a_duration_is_a_number_and_a_unit_and_a_bare_number_is_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "s", "-1s", "1 week", "1m", "1 S", "1s2", "1e3", "inf", "٣s", "999999999999d", "365001d", "9" * 400]
)
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is (no|too long a) duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("8 MiB", 8 << 20), ("512KiB", 512 << 10), ("1GiB", 1 << 30), ("1.5 KiB", 1536), ("100", 100)],
)
def test_a_size_is_bytes_or_a_number_and_a_binary_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "8MB", "8 mib", "-1", "MiB", "0x10", "9" * 400])
def test_anything_else_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is (no|too large a) size"):
        parse_size(text)


def test_the_complaint_never_repeats_what_was_written() -> None:
    """A secret pasted into the wrong variable must not end up in a log."""
    for parse in (parse_duration, parse_size):
        with pytest.raises(ValueError, match="write") as error:
            parse("hunter2")
        assert "hunter2" not in str(error.value)


@given(st.integers(min_value=0, max_value=10**9).map(lambda ms: timedelta(milliseconds=ms)))
def test_a_formatted_duration_reads_back(duration: timedelta) -> None:
    assert abs(parse_duration(format_duration(duration)) - duration) < timedelta(milliseconds=1)


@given(st.integers(min_value=0, max_value=1 << 40))
def test_a_formatted_size_reads_back(size: int) -> None:
    assert parse_size(format_size(size)) == size


VISIBLE = (
    "tenant",
    "ingress_host",
    "worker_web_host",
    "worker_instance_id",
    "kafka_sasl_username",
    "kafka_oauth_client_id",
    "kafka_oauth_scope",
    "kafka_aws_region",
    "registry_username",
)


@pytest.mark.parametrize("name", VISIBLE)
def test_what_cannot_be_seen_is_no_part_of_a_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A tenant ended in a line end, as YAML's `|` leaves one: all events were quarantined as another tenant's."""
    around = f"BRIDGE_{name.upper()}: begins or ends with white space, which may be a line end."
    within = f"BRIDGE_{name.upper()}: has characters that cannot be seen."
    refused = {"a\n": around, " a": around, "a\u00a0": around, "a\tb": within, "a\x1bb": within, "\ufeffa": within}
    for value, sentence in refused.items():
        monkeypatch.setenv(f"BRIDGE_{name.upper()}", value)
        assert try_settings() == [sentence]
    monkeypatch.setenv(f"BRIDGE_{name.upper()}", "Zoë-1")
    assert isinstance(try_settings(), Settings)


def test_no_setting_but_a_secret_is_any_text() -> None:
    fields = Settings.model_fields.items()
    assert [
        name
        for name, field in fields
        if field.annotation == str | None or (field.annotation is str and not field.metadata)
    ] == []


@pytest.mark.parametrize(("port", "url"), [(8081, "http://127.0.0.1:8081"), (0, "http://127.0.0.1")])
def test_an_ingress_is_asked_on_this_machine(port: int, url: str) -> None:
    """An ingress may have any free port (0), which no URL can say."""
    assert Settings(tenant="acme", ingress_port=port).ingress_url == url
