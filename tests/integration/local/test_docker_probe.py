"""Whether a Docker daemon answers, asked of stand-ins for it."""

import http.server
import json
import os
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.container import docker_answers


class Daemon(http.server.BaseHTTPRequestHandler):
    """As much of Docker's API as a client asks for first."""

    status = 200

    def do_GET(self) -> None:
        """`/version` and `/_ping`, and the same under a version."""
        body = json.dumps({"ApiVersion": "1.44"}) if self.path.endswith("/version") else "OK"
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class BrokenDaemon(Daemon):
    """There, but of no use."""

    status = 500


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[type[Daemon]], None]]:
    """Starts a daemon and points DOCKER_HOST at it."""
    servers: list[socketserver.BaseServer] = []

    def start(handler: type[Daemon]) -> None:
        server = socketserver.ThreadingUnixStreamServer(os.fspath(tmp_path / "docker.sock"), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_daemon_is_found(serve: Callable[[type[Daemon]], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """DOCKER_HOST says where. It is a thread of this process, and may be slow."""
    monkeypatch.setattr("deploy.local.container.PING_S", 60)
    serve(Daemon)
    assert docker_answers() is True


def test_a_daemon_that_fails_does_not_count(serve: Callable[[type[Daemon]], None]) -> None:
    """Something listens, but answers 500."""
    serve(BrokenDaemon)
    assert docker_answers() is False


def test_no_daemon_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a missing socket nor one on which nobody listens."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/missing.sock")
    assert docker_answers() is False
    (tmp_path / "stale.sock").touch()
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/stale.sock")
    assert docker_answers() is False
