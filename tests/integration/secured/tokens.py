"""Bearer tokens that the secured broker takes, and a token endpoint that gives them: OAuth 2.0 client credentials."""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

CLIENT_SECRET = "s3cret"


class Tokens:
    """JWTs signed with a key that the broker reads from the file `jwks`."""

    def __init__(self, jwks: Path) -> None:
        self.jwks, self._key = jwks, secrets.token_bytes(32)
        key = {"kty": "oct", "kid": "1", "alg": "HS256", "use": "sig", "k": _base64(self._key)}
        jwks.parent.mkdir(parents=True, exist_ok=True)
        jwks.write_text(json.dumps({"keys": [key]}))

    def made(self, subject: str, lasts_s: int) -> str:
        """A token of this user, for so many seconds."""
        now = int(time.time())
        claims = {"sub": subject, "aud": "kafka", "iat": now, "exp": now + lasts_s, "scope": "kafka"}
        signed = f"{_json({'alg': 'HS256', 'kid': '1'})}.{_json(claims)}"
        return f"{signed}.{_base64(hmac.digest(self._key, signed.encode(), 'sha256'))}"


class Endpoint:
    """`url` gives tokens that last `lasts_s` to whoever knows the secret. `asked` has the forms that it got."""

    def __init__(self, tokens: Tokens, url: str) -> None:
        self.tokens, self.url = tokens, url
        self.lasts_s = 3600
        self.secret = CLIENT_SECRET
        self.asked: list[dict[str, list[str]]] = []

    def answer(self, authorization: str, form: str) -> tuple[int, dict[str, object]]:
        """Answer as RFC 6749 has it."""
        self.asked.append(parse_qs(form))
        client, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if secret != self.secret:
            return 401, {"error": "invalid_client"}
        token = self.tokens.made(client, self.lasts_s)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.lasts_s}


@contextmanager
def endpoint(tokens: Tokens) -> Iterator[Endpoint]:
    """A token endpoint on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, document = found.answer(self.headers["Authorization"], form)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Endpoint(tokens, f"http://127.0.0.1:{server.server_port}/token")
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _json(document: object) -> str:
    return _base64(json.dumps(document).encode())
