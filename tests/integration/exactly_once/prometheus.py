"""A Prometheus of a test's own, with the rules that are deployed, which scrapes services once a second."""

import json
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
import yaml

from deploy.local.ports import free_ports
from tests.deploy.observability.rules import FILES
from tests.integration.waiting import wait_until

Sample = dict[str, str]
"""The labels of a series that an expression has given."""


class Prometheus:
    """`with Prometheus(directory, ports) as prometheus:` skips the test where none is installed."""

    def __init__(self, directory: Path, scraped: Sequence[int]) -> None:
        if shutil.which("prometheus") is None:
            pytest.skip("prometheus is not installed, so nobody asks a running bridge what dashboards and alerts ask")
        (port,) = free_ports(1)
        self._url, self._directory = f"127.0.0.1:{port}", directory
        self._scraped = [f"127.0.0.1:{each}" for each in scraped]

    def __enter__(self) -> Self:
        config = self._directory / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._config()))
        data, log = self._directory / "prometheus", self._directory / "prometheus.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={config}",
                    f"--storage.tsdb.path={data}",
                    f"--web.listen-address={self._url}",
                ],
                stdout=output,
                stderr=output,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def wait_for_scrapes(self, count: int) -> None:
        """Return once it has so many samples of each service."""
        wait_until(
            "all are scraped",
            lambda: len(self.query(f"count_over_time(up[1h]) >= {count} and up == 1")) == len(self._scraped),
            lambda: self.query("up"),
        )

    def query(self, expression: str) -> list[Sample]:
        """What an expression gives now. AssertionError: Prometheus does not understand it."""
        asked = urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(f"http://{self._url}/api/v1/query?{asked}", timeout=30) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.SERVICE_UNAVAILABLE:  # it is starting
                return []
            raise AssertionError(f"{expression}: {error.read().decode()}") from None
        except OSError:
            assert self._process.poll() is None, "Prometheus has ended"
            return []  # it listens not yet
        return [each["metric"] for each in answer["data"]["result"]]

    def _config(self) -> dict[str, Any]:
        scrape = {
            "job_name": "bridge",
            "static_configs": [{"targets": self._scraped, "labels": {"namespace": "shop"}}],
        }
        return {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(file) for file in FILES],
            "scrape_configs": [scrape],
        }
