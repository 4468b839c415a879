"""When certificates end, from files that openssl made."""

import shutil
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from bridge.kafka.certificates import PemFiles
from bridge.kafka.client import certificate_expiries
from bridge.refusals import SettingsError
from bridge.settings import Settings

pytestmark = pytest.mark.thorough  # they start openssl

DAY_S = 86_400.0
CA, OWN = "BRIDGE_KAFKA_SSL_CAFILE", "BRIDGE_KAFKA_SSL_CERTFILE"


def certificate(directory: Path, name: str, days: int, *, authority: bool) -> Path:
    """Make a self-signed certificate, and beside it its key, `<name>.key`. Skips the test without openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, so no certificate can be made")
    path, use = directory / f"{name}.pem", f"basicConstraints=critical,CA:{str(authority).upper()}"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    files = ["-keyout", str(path.with_suffix(".key")), "-out", str(path)]
    subprocess.run(
        [*command, "-days", str(days), "-subj", f"/CN={name}", "-addext", use, *files], check=True, capture_output=True
    )
    return path


def settings(protocol: str = "SSL", **files: Any) -> Settings:
    given: dict[str, Any] = {f"kafka_ssl_{name}": path for name, path in files.items()}
    if protocol == "SASL_SSL":
        given |= {"kafka_sasl_username": "me", "kafka_sasl_password": "secret"}
    return Settings(tenant="acme", kafka_security_protocol=protocol, **given)


def test_without_tls_there_is_none() -> None:
    assert certificate_expiries(Settings(tenant="acme")) == {}


def test_the_systems_authorities_are_not_told_of() -> None:
    assert certificate_expiries(settings()) == {}


def test_the_processs_own_certificate_has_an_end(tmp_path: Path) -> None:
    own = certificate(tmp_path, "own", 30, authority=False)
    found = certificate_expiries(settings(certfile=own, keyfile=own.with_suffix(".key")))
    assert found == {OWN: pytest.approx(time.time() + 30 * DAY_S, abs=60)}


def test_with_a_login_there_is_one_as_well(tmp_path: Path) -> None:
    authority = certificate(tmp_path, "ca", 3, authority=True)
    assert certificate_expiries(settings("SASL_SSL", cafile=authority)).keys() == {CA}


def test_the_authority_of_the_token_endpoint_has_an_end_as_well(tmp_path: Path) -> None:
    of_brokers, of_tokens = (certificate(tmp_path, f"ca{days}", days, authority=True) for days in (30, 3))
    given = Settings(
        tenant="acme",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="OAUTHBEARER",
        kafka_ssl_cafile=of_brokers,
        kafka_oauth_token_url="https://issuer/token",
        kafka_oauth_client_id="me",
        kafka_oauth_client_secret="secret",
        kafka_oauth_cafile=of_tokens,
    )
    ends = {CA: 30, "BRIDGE_KAFKA_OAUTH_CAFILE": 3}
    wanted = {name: pytest.approx(time.time() + days * DAY_S, abs=60) for name, days in ends.items()}
    assert certificate_expiries(given) == wanted
    unused = given.model_copy(update={"kafka_sasl_mechanism": "SCRAM-SHA-512"})
    assert certificate_expiries(unused).keys() == {CA}


def test_of_several_authorities_the_last_to_end_counts(tmp_path: Path) -> None:
    """During a rotation the old authority may end."""
    both = tmp_path / "both.pem"
    both.write_text("".join(certificate(tmp_path, f"ca{days}", days, authority=True).read_text() for days in (3, 90)))
    assert certificate_expiries(settings(cafile=both)) == {CA: pytest.approx(time.time() + 90 * DAY_S, abs=60)}


def test_a_new_certificate_without_its_key_is_not_in_use_and_so_not_told_of(tmp_path: Path) -> None:
    own, new = (certificate(tmp_path, name, days, authority=False) for name, days in (("own", 30), ("new", 90)))
    given = settings(certfile=own, keyfile=own.with_suffix(".key"))
    before = certificate_expiries(given)
    own.write_bytes(new.read_bytes())
    assert certificate_expiries(given) == before
    own.with_suffix(".key").write_bytes(new.with_suffix(".key").read_bytes())
    assert certificate_expiries(given) == {OWN: pytest.approx(time.time() + 90 * DAY_S, abs=60)}


def test_files_are_read_again_only_when_they_have_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = certificate(tmp_path, "ca", 3, authority=True)
    found = certificate_expiries(settings(cafile=authority))

    def load(_: PemFiles) -> ssl.SSLContext:
        raise AssertionError("nothing has changed")

    monkeypatch.setattr(PemFiles, "load", load)
    assert certificate_expiries(settings(cafile=authority)) == found


def test_a_file_without_a_certificate_is_a_wrong_setting(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing\n")
    for given in (settings(cafile=empty), settings(certfile=empty, keyfile=empty)):
        with pytest.raises(SettingsError):
            certificate_expiries(given)
