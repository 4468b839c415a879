"""A schema registry in this process. It behaves as Confluent's API documents, as far as the command uses it.

It compares as much as the tests need: forwards, with all versions if the level is transitive. A property may come and
none may go; a list of values is closed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

Answer = tuple[int, Any]

NO_SUBJECT: Answer = 404, {"error_code": 40401, "message": "Subject not found."}
NO_SCHEMA: Answer = 404, {"error_code": 40403, "message": "Schema not found."}
NO_LEVEL: Answer = 404, {"error_code": 40408, "message": "Subject does not have subject-level compatibility configured"}


class FakeRegistry:
    """Subjects, with their schemas as they were posted, and their levels."""

    def __init__(self) -> None:
        self.versions: dict[str, list[Any]] = {}
        self.levels: dict[str, str] = {}

    def answer(self, method: str, steps: list[str], body: Any) -> Answer:  # noqa: PLR0911 - one for each call
        """The answer to a method and path."""
        match method, steps:
            case "GET", ["subjects", name, "versions"]:
                return (200, [*range(1, len(self.versions[name]) + 1)]) if name in self.versions else NO_SUBJECT
            case "POST", ["subjects", name]:
                return self._look_up(name, json.loads(body["schema"]))
            case "POST", ["subjects", name, "versions"]:
                return self._register(name, json.loads(body["schema"]))
            case "POST", ["compatibility", "subjects", name, "versions"]:
                why = self._objections(name, json.loads(body["schema"]))
                return 200, {"is_compatible": not why, "messages": why}
            case "GET", ["config", name]:
                return (200, {"compatibilityLevel": self.levels[name]}) if name in self.levels else NO_LEVEL
            case "PUT", ["config", name]:
                self.levels[name] = body["compatibility"]
                return 200, body
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}

    def _look_up(self, name: str, schema: Any) -> Answer:
        if name not in self.versions:
            return NO_SUBJECT
        if schema not in self.versions[name]:
            return NO_SCHEMA
        version = self.versions[name].index(schema) + 1
        return 200, {"subject": name, "id": version, "version": version, "schemaType": "JSON"}

    def _register(self, name: str, schema: Any) -> Answer:
        if name in self.versions and (why := self._objections(name, schema)):
            return 409, {"error_code": 409, "message": why[0]}
        known = self.versions.setdefault(name, [])
        known.extend([] if schema in known else [schema])
        return 200, {"id": known.index(schema) + 1}

    def _objections(self, name: str, schema: Any) -> list[str]:
        level = self.levels.get(name, "NONE")
        if level == "NONE":
            return []
        compared = self.versions[name] if level.endswith("_TRANSITIVE") else self.versions[name][-1:]
        return [why for old in compared for why in _forward(old, schema, "#")]


def _forward(old: Any, new: Any, path: str) -> Iterator[str]:
    """What keeps a reader with the old schema from records of the new one."""
    for name, schema in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"PROPERTY_REMOVED at {path}/properties/{name}"
        else:
            yield from _forward(schema, new["properties"][name], f"{path}/properties/{name}")
    if old.get("enum") != new.get("enum"):
        yield f"ENUM_ARRAY_CHANGED at {path}"


@contextmanager
def serving(registry: FakeRegistry) -> Iterator[str]:
    """Serve it on loopback; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            steps = [unquote(step) for step in urlsplit(self.path).path.strip("/").split("/")]
            status, document = registry.answer(self.command, steps, body)
            written = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the interface's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the interface's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
