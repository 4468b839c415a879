"""Apicurio Registry as a process on loopback, in memory, from the distribution that Maven has fetched."""

import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from deploy.local.ports import free_ports
from tests.integration.waiting import wait_until

VERSION = "3.0.9"
_DISTRIBUTION = Path.home() / ".m2/repository/io/apicurio/apicurio-registry-app" / VERSION
_ARCHIVE = _DISTRIBUTION / f"apicurio-registry-app-{VERSION}-all.tar.gz"
_FETCH = f"mvn dependency:get -Dartifact=io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"


@contextmanager
def apicurio(folder: Path) -> Iterator[str]:
    """Run it in this folder; gives the URL of its Confluent API. Skips aloud if it was not fetched."""
    if not _ARCHIVE.is_file():
        pytest.skip(f"Apicurio Registry is not here, so nothing is tried against it: {_FETCH}")
    with tarfile.open(_ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    [port] = free_ports(1)
    environment = {**os.environ, "QUARKUS_HTTP_HOST": "127.0.0.1", "QUARKUS_HTTP_PORT": str(port)}
    command = ["java", "-Xmx512m", "-jar", f"apicurio-registry-app-{VERSION}-runner.jar"]
    url = f"http://127.0.0.1:{port}/apis/ccompat/v7"

    def answers() -> bool:
        assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
        try:
            with urlopen(f"{url}/subjects", timeout=5) as response:
                return bool(response.status == 200)
        except (URLError, TimeoutError):
            return False

    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait_until("the registry answers", answers)
            yield url
        finally:
            process.kill()
            process.wait()
