"""Callers of an ingress: those who attack it, and those who only want an answer."""

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from tests.programs.bench.costly_bodies import ordinary

_HONEST: Final = 4
_PAUSE_S: Final = 0.02
_BEARER: Final = {"Authorization": "Bearer a-key"}


class Sender:
    """Posts bodies and counts the answers. `numbers` make every body another event."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.answers: Counter[int | str] = Counter()
        self.numbers = itertools.count()

    def post(self, body: bytes, **headers: str) -> None:
        """Post one body on its own connection."""
        self.answers[post(self._port, body, headers)] += 1

    def together(self, bodies: Iterable[bytes]) -> None:
        """Post all at once; return when all are answered."""
        threads = [threading.Thread(target=self.post, args=[body], daemon=True) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def post(port: int, body: bytes, headers: Mapping[str, str]) -> int | str:
    """The answer's status, or the name of what happened instead."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/webhooks/newstore", body, {**_BEARER, **headers})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    else:
        return answer.status
    finally:
        connection.close()


class Honest:
    """Callers with ordinary events; notes how long each waits for its answer."""

    def __init__(self, port: int) -> None:
        self._port, self._stop = port, threading.Event()
        self.seconds: list[float] = []
        self.answers: Counter[int | str] = Counter()
        self._numbers = itertools.count()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Call until the block ends."""
        threads = [threading.Thread(target=self._call, daemon=True) for _ in range(_HONEST)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _call(self) -> None:
        while not self._stop.is_set():
            body = ordinary(next(self._numbers))
            started = time.perf_counter()
            self.answers[post(self._port, body, {})] += 1
            self.seconds.append(time.perf_counter() - started)
            time.sleep(_PAUSE_S)

    def percentile_ms(self, share: float) -> float:
        """Milliseconds within which this share of the calls was answered."""
        return sorted(self.seconds)[int(share * (len(self.seconds) - 1))] * 1000
