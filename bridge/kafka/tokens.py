"""Bearer tokens for SASL OAUTHBEARER: from a token endpoint (OAuth 2.0 client credentials), or from AWS for MSK."""

import base64
import importlib
import json
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote_plus, urlencode
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from bridge.kafka.certificates import PemFiles, shared_context
from bridge.kafka.shared_tokens import NoTokenError, RefusedTokenError, SharedTokens, Token
from bridge.refusals import SettingsError
from bridge.settings import Settings
from bridge.settings.environment import SECRETS, secret_path, secret_text

_SETTING: Final = "kafka_oauth_client_secret"
_PATIENCE_S: Final = 10.0
_MOST_BYTES: Final = 64 * 1024
_MOST_DIGITS: Final = 9
_NO_ANSWER: Final = (OSError, HTTPException, ValueError, RecursionError)
"""All that asking an endpoint can raise; RecursionError: its JSON is nested too deeply."""


def token_provider(settings: Settings) -> SharedTokens:
    """The provider for the settings' mechanism. SettingsError: a file or a package that it needs is missing."""
    if settings.kafka_sasl_mechanism == "AWS_MSK_IAM":
        return SharedTokens(_of_aws(str(settings.kafka_aws_region)), {})
    return SharedTokens(_Endpoint(settings).fetch, dict(settings.kafka_oauth_extensions))


class _NoRedirect(HTTPRedirectHandler):
    """A client secret goes to the address of the settings and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Make the redirect an HTTPError."""
        return


class _Endpoint:
    """RFC 6749, section 4.4; the client authenticates by HTTP Basic (section 2.3.1), which every server must take."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = str(settings.kafka_oauth_token_url)
        tls = shared_context(PemFiles.of_token_endpoint(settings))
        self._opener = build_opener(HTTPSHandler(context=tls), _NoRedirect())

    def fetch(self) -> Token:
        """See `SharedTokens`."""
        try:
            with self._opener.open(self._request(), timeout=_PATIENCE_S) as answer:
                return _token_of(answer.read(_MOST_BYTES))
        except HTTPError as error:
            said = f"the token endpoint answers {error.code} {_reason(error)}".rstrip()
            if error.code in {400, 401, 403}:
                raise RefusedTokenError(said) from None
            raise NoTokenError(said) from None
        except _NO_ANSWER as error:
            raise NoTokenError(f"the token endpoint gives no token ({error})") from _cause(error)

    def _request(self) -> Request:
        scope = self._settings.kafka_oauth_scope
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        pair = f"{quote_plus(str(self._settings.kafka_oauth_client_id))}:{quote_plus(self._secret())}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Accept": "application/json",
        }
        return Request(self._url, urlencode(form).encode(), headers)  # noqa: S310 - the settings take http and https only

    def _secret(self) -> str:
        """The client secret, as its file has it now if it has one."""
        path = secret_path(_SETTING)
        if path is None:
            secret = self._settings.kafka_oauth_client_secret
            return secret.get_secret_value() if secret else ""
        try:
            return str(SECRETS[_SETTING](secret_text(_SETTING, path)))
        except SettingsError as error:  # it was there at the start, and comes back
            raise NoTokenError(str(error).rstrip(".")) from None


def _cause(error: Exception) -> Exception:
    """The error that urllib has wrapped, as of a certificate that is not accepted."""
    reason = error.reason if isinstance(error, URLError) else None
    return reason if isinstance(reason, Exception) else error


def _token_of(body: bytes) -> Token:
    document = json.loads(body)
    value = document.get("access_token") if isinstance(document, dict) else None
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise ValueError("its answer holds no access_token")
    return Token(value, _seconds(document.get("expires_in")))


def _seconds(said: object) -> float | None:
    """Seconds; some servers send the number as text. None: it is not usable."""
    text = str(said)
    return float(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _reason(answer: HTTPError) -> str:
    """The error code of RFC 6749, section 5.2; nothing else that a server may say, like a page of HTML."""
    try:
        with answer:
            document = json.loads(answer.read(_MOST_BYTES))
    except _NO_ANSWER:
        return ""
    error = document.get("error") if isinstance(document, dict) else None
    return error[:100] if isinstance(error, str) and error.isprintable() else ""


def _of_aws(region: str) -> Callable[[], Token]:
    try:
        signer = importlib.import_module("aws_msk_iam_sasl_signer")
    except ImportError:
        raise SettingsError(
            "BRIDGE_KAFKA_SASL_MECHANISM is AWS_MSK_IAM, for which a package is needed:"
            " pip install 'newstore-kafka-bridge[msk-iam]'."
        ) from None

    def fetch() -> Token:
        try:
            value, expires_ms = signer.MSKAuthTokenProvider.generate_auth_token(region)
        except Exception as error:  # of many kinds: no credentials, no network on the way to them
            raise NoTokenError(f"AWS gives no credentials ({type(error).__name__}: {error})") from error
        return Token(value, expires_ms / 1000 - time.time())

    return fetch
