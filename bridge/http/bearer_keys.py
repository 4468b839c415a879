"""The bearer keys of a service, which say who may call. Keys from a file follow the file while the service runs."""

import asyncio
import hmac
import signal
from typing import Final, Literal

from aiohttp.hdrs import AUTHORIZATION
from multidict import MultiMapping

from bridge.log import audit, get_logger
from bridge.refusals import SettingsError
from bridge.settings import Settings
from bridge.settings.environment import PREFIX, secret_path
from bridge.settings.key_file import KeyFile, Keys

LOOK_EVERY_S: Final = 1.0
SHORT_KEY: Final = 16
"""Shorter keys can be guessed: 16 random characters of base64 are 96 bits."""

log = get_logger(__name__)


class BearerKeys:
    """Admits requests. Run `run` beside it."""

    def __init__(self, settings: Settings, service: Literal["ingress", "worker"]) -> None:
        """SettingsError: there are no keys, and the settings do not allow anonymous callers."""
        self._accepted = settings.bearer_keys(service)
        self._service = service
        name = f"{service}_api_keys"
        path = secret_path(name)
        watched = path is not None and path.is_file()  # a pipe can be read only once
        self._file = KeyFile(name, path, self._accepted or ()) if path and watched else None
        self._trouble: str | None = None
        self._told: str | None = None

    def admit(self, headers: MultiMapping[str]) -> bool:
        """Whether these headers carry one of the keys, if keys are asked for, and no second `Authorization`."""
        return self.key_number(headers) is not None

    def key_number(self, headers: MultiMapping[str]) -> int | None:
        """The number of the key that these headers carry, from 1; 0 if no key is asked for; None: not admitted."""
        given = headers.getall(AUTHORIZATION, [])
        return key_number(given[0] if given else None, self._accepted) if len(given) < 2 else None

    @property
    def in_force(self) -> Keys | None:
        """All keys; None if no key is asked for."""
        return self._accepted

    @property
    def first(self) -> bytes | None:
        """The key with which one process of the service asks another; None if no key is asked for."""
        return self._accepted[0] if self._accepted else None

    def problem(self) -> str | None:
        """What somebody should look at: a key file that cannot be used, no keys at all, short keys."""
        return self._trouble or self._weakness()

    async def run(self) -> None:
        """Follow the file until cancelled. SIGHUP: look at once, and take what is there."""
        hangup = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hangup.set)
        self._tell()
        while True:
            told = await _set_within(hangup, LOOK_EVERY_S)
            hangup.clear()
            if self._file is not None:
                self._look(self._file, at_once=told)
            elif told:
                log.warning("SIGHUP changes nothing: the API keys come from no file", service=self._service)

    def _look(self, file: KeyFile, *, at_once: bool) -> None:
        try:
            changed = file.look(at_once=at_once)
            self._trouble = None
        except SettingsError as error:
            changed, self._trouble = False, f"{error} The keys before stay in force"
        if changed:
            before, self._accepted = self._accepted or (), file.in_force
            self._audit(file, before)
        self._tell()

    def _audit(self, file: KeyFile, before: Keys) -> None:
        # No fingerprints: with one, whoever guesses a weak key could check the guess.
        added, removed = set(file.in_force) - set(before), set(before) - set(file.in_force)
        audit.info(
            "API keys changed",
            service=self._service,
            file=str(file.path),
            keys=len(file.in_force),
            added=len(added),
            removed=len(removed),
        )

    def _tell(self) -> None:
        if (problem := self.problem()) != self._told:
            self._told = problem
            if problem:
                log.warning("API keys", problem=problem)

    def _weakness(self) -> str | None:
        name = f"{PREFIX}{self._service.upper()}"
        if self._accepted is None:
            return f"{name}_ALLOW_ANONYMOUS is true and there are no keys: whoever reaches the port is served"
        short = sum(len(key) < SHORT_KEY for key in self._accepted)
        few = f"{short} of {len(self._accepted)} in {name}_API_KEYS shorter than {SHORT_KEY} characters"
        return f"{few}: make keys by `openssl rand -hex 32`" if short else None


def key_number(header: str | None, keys: Keys | None) -> int | None:
    """The number of the key in `keys` that an `Authorization` header carries, counted from 1; 0 if no key is asked for;
    None if it carries none.

    Every key is compared, in constant time, so the time taken tells nothing about any key.
    """
    if keys is None:
        return 0
    if header is None or header[:7].lower() != "bearer ":
        return None
    # aiohttp decodes headers as UTF-8 with surrogate escapes; this gives the bytes of the wire again.
    given = header[7:].strip().encode("utf-8", "surrogateescape")
    equal = [hmac.compare_digest(given, key) for key in keys]
    return equal.index(True) + 1 if any(equal) else None


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
