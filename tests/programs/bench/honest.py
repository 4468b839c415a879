"""Honest callers beside an attack: how long they wait, and whether each gets its answer.

`python -m tests.programs.bench.honest PORT SECONDS ingress|worker` prints milliseconds of the median, the 99th
percentile and the longest call, and how many calls failed or got another status than they must.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import aiohttp
import uvloop

_CALLERS, _PAUSE_S = 8, 0.02
_SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "order.opened.json"
_KEY = {"Authorization": "Bearer a-key"}


class Honest:
    """Calls at a steady pace, and their outcomes."""

    def __init__(self, service: str) -> None:
        body = _SAMPLE.read_bytes().replace(b"demo-tenant", b"bench")
        self._call = (
            ("POST", "/webhooks/newstore", body, 200) if service == "ingress" else ("GET", "/orders/1", None, 404)
        )
        self.waited_ms: list[float] = []
        self.failed: dict[str, int] = {}

    async def call(self, session: aiohttp.ClientSession, until: float) -> None:
        """Call as one caller, until then."""
        method, path, body, expected = self._call
        while time.monotonic() < until:
            started = time.monotonic()
            try:
                async with session.request(method, path, data=body, headers=_KEY) as answer:
                    await answer.read()
                    outcome = None if answer.status == expected else str(answer.status)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                outcome = type(error).__name__
            self.waited_ms.append((time.monotonic() - started) * 1000)
            if outcome is not None:
                self.failed[outcome] = self.failed.get(outcome, 0) + 1
            await asyncio.sleep(_PAUSE_S)


async def _measure(port: int, seconds: float, service: str) -> None:
    honest, until = Honest(service), time.monotonic() + seconds
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", timeout=timeout) as session:
        await asyncio.gather(*(honest.call(session, until) for _ in range(_CALLERS)))
    waited = sorted(honest.waited_ms)
    median, p99 = waited[len(waited) // 2], waited[int(len(waited) * 0.99)]
    print(json.dumps({"calls": len(waited), "p50": median, "p99": p99, "most": waited[-1], "failed": honest.failed}))


if __name__ == "__main__":
    uvloop.run(_measure(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))
