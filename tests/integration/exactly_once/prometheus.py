"""A Prometheus for one test, with the deployed rules. It scrapes services once a second."""

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
"""The labels of a series that an expression gives."""
Series = tuple[Sample, list[tuple[float, float]]]
"""The labels of a series, and its values: (seconds since 1970, value)."""


class Prometheus:
    """`with Prometheus(directory, ports) as prometheus:` skips the test if Prometheus is not installed."""

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
        """Return once Prometheus has so many samples of each service."""
        wait_until(
            "all are scraped",
            lambda: len(self.query(f"count_over_time(up[1h]) >= {count} and up == 1")) == len(self._scraped),
            lambda: self.query("up"),
        )

    def wait_ready(self) -> None:
        """Return once Prometheus answers. It first reads what it has kept."""
        wait_until("Prometheus answers", lambda: self._answer("query", query="1") is not None)

    def query(self, expression: str) -> list[Sample]:
        """What an expression gives now. AssertionError: Prometheus does not understand it."""
        answer = self._answer("query", query=expression)
        return [each["metric"] for each in answer["data"]["result"]] if answer else []

    def series(self, expression: str, start: float, end: float, step_s: int) -> list[Series]:
        """What the expression gave from ``start`` to ``end``, in seconds since 1970. AssertionError: Prometheus does
        not understand it, or does not answer yet."""
        answer = self._answer("query_range", query=expression, start=start, end=end, step=step_s)
        assert answer, "Prometheus is starting"
        return [
            (each["metric"], [(at, float(value)) for at, value in each["values"]]) for each in answer["data"]["result"]
        ]

    def _answer(self, question: str, **given: str | float) -> dict[str, Any] | None:
        """None while Prometheus starts."""
        asked = urllib.parse.urlencode(given)
        try:
            with urllib.request.urlopen(f"http://{self._url}/api/v1/{question}?{asked}", timeout=30) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.SERVICE_UNAVAILABLE:
                return None
            raise AssertionError(f"{given['query']}: {error.read().decode()}") from None
        except OSError:
            assert self._process.poll() is None, "Prometheus has ended"
            return None  # it does not listen yet
        return answer

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
