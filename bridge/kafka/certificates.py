"""TLS to brokers and token endpoint with the certificates that are in the files now: renewing them needs no restart."""

import logging
import ssl
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from aiokafka.helpers import create_ssl_context

from bridge.refusals import SettingsError
from bridge.settings import Settings

log = logging.getLogger(__name__)  # commands set up no other, and print data


class PemFiles(NamedTuple):
    """PEM files as the settings name them; None: the system's CAs, no certificate of our own. `prefix`: how the names
    of these settings begin."""

    cafile: Path | None
    certfile: Path | None
    keyfile: Path | None
    prefix: str = "BRIDGE_KAFKA_SSL_"

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The files for the brokers."""
        return cls(settings.kafka_ssl_cafile, settings.kafka_ssl_certfile, settings.kafka_ssl_keyfile)

    @classmethod
    def of_token_endpoint(cls, settings: Settings) -> Self:
        """The files for the endpoint that gives tokens."""
        return cls(settings.kafka_oauth_cafile, None, None, "BRIDGE_KAFKA_OAUTH_")

    def load(self) -> ssl.SSLContext:
        """OSError (ssl.SSLError is one): a file cannot be used, or they do not go together."""
        context: ssl.SSLContext = create_ssl_context(
            cafile=self.cafile,
            certfile=self.certfile,
            keyfile=self.keyfile,
            password="",  # an encrypted key is an error; without this OpenSSL would ask on the terminal  # nosec B106
        )
        return context

    def state(self) -> tuple[tuple[int, int, int], ...]:
        """Other files, or files written anew, have another state. Kubernetes swaps a link on the way to them."""
        found = (path.stat() for path in self[:3] if path is not None)
        return tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in found)

    def refused(self, error: OSError) -> SettingsError:
        """The error that they cannot be used."""
        files = {"CAFILE": self.cafile, "CERTFILE": self.certfile, "KEYFILE": self.keyfile}
        names = [f"{self.prefix}{name}" for name, path in files.items() if path is not None]
        which, each = (f"One of {', '.join(names)}", "each") if len(names) > 1 else ("".join(names), "it")
        return SettingsError(f"{which} cannot be used ({error}): {each} names a PEM file that this process can read.")


class RenewedContext(ssl.SSLContext):
    """Gives each new connection what the files hold then. Files that cannot be used, because they are half-written or
    do not go together yet, change nothing. A certificate removed from the file of CAs is not trusted any more."""

    _files: PemFiles
    _state: tuple[tuple[int, int, int], ...]
    _loaded: ssl.SSLContext
    _expiries: dict[str, float]

    @classmethod
    def of(cls, files: PemFiles) -> Self:
        """SettingsError: the files cannot be used."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context._files = files
        try:
            context._load(files.state())
        except OSError as error:
            raise files.refused(error) from error
        return context

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        """Called by asyncio and uvloop for each connection."""
        self._renew()
        return self._loaded.wrap_bio(*args, **options)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        """Called by `http.client` for each connection."""
        self._renew()
        return self._loaded.wrap_socket(*args, **options)

    def expiries(self) -> dict[str, float]:
        """By setting, when the certificates of a connection made now end: see the function below."""
        self._renew()
        return self._expiries

    def _renew(self) -> None:
        try:
            state = self._files.state()
            if state != self._state:
                self._load(state)
                log.info("the files of %s* were read again", self._files.prefix)
        except OSError as error:
            log.warning("new certificates cannot be used, the former ones stay in force: %s", error)

    def _load(self, state: tuple[tuple[int, int, int], ...]) -> None:
        self._loaded, self._state = self._files.load(), state
        # Read here: soon the files may hold others that do not go together. And with 144 authorities it takes 28 ms.
        try:
            self._expiries = expiries(self._loaded, self._files)
        except (OSError, ValueError) as error:
            self._expiries = {}
            log.warning("nobody can tell when a certificate ends: %s", error)


@lru_cache(maxsize=8)
def shared_context(files: PemFiles) -> RenewedContext:
    """One context for all clients of a process, which makes new clients all the time: so half-written files are a wrong
    setting only when the process starts, and later just not ready yet."""
    return RenewedContext.of(files)


def expiries(loaded: ssl.SSLContext, files: PemFiles) -> dict[str, float]:
    """By setting, when the certificate in its file ends, seconds since 1970. Of several authorities the last end
    counts: until then a broker may have a certificate that is accepted. `loaded` has these files.

    OSError, ValueError: a file, or the end of its certificate, cannot be read.
    """
    return dict(_found(loaded, files))


def _found(loaded: ssl.SSLContext, files: PemFiles) -> Iterator[tuple[str, float]]:
    # Without a file, `loaded` has the system's authorities, which somebody else renews.
    if files.cafile and (authorities := [_end(found) for found in loaded.get_ca_certs() if isinstance(found, dict)]):
        yield f"{files.prefix}CAFILE", max(authorities)
    if files.certfile:
        # Python can read a file's first certificate, which is the process's own; only the function's name is private.
        yield f"{files.prefix}CERTFILE", _end(ssl._ssl._test_decode_cert(str(files.certfile)))  # type: ignore[attr-defined]  # noqa: SLF001


def _end(certificate: Mapping[str, object]) -> float:
    return float(ssl.cert_time_to_seconds(str(certificate["notAfter"])))
