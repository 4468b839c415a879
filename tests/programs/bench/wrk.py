"""Load from wrk: events of a given size over and over, each time of another order."""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from deploy.local.environment import BrokenEnvironment

_URL = "http://127.0.0.1:{port}/webhooks/newstore"
_NUMBER = "9c265ffa"
"""In a body, a number replaces this, so that nothing along the way can be remembered."""

_SCRIPT = """
local file = io.open("{sample}"); local body = file:read("*a"); file:close()
local at = body:find("{number}", 1, true)
local before, after = body:sub(1, at - 1), body:sub(at + 8)
wrk.method = "POST"; wrk.headers["Authorization"] = "Bearer a-key"; wrk.headers["Content-Type"] = "application/json"
local number = 0
request = function()
  number = number + 1
  return wrk.format(nil, nil, nil, before .. string.format("%08x", number) .. after)
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: requests that were answered, all with 200, and percentiles in milliseconds."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float


def event_of(size: int) -> bytes:
    """An event of about so many bytes, whose order has the number that is replaced."""
    head = (
        b'{"tenant":"bench","name":"order.opened","published_at":"2026-01-01T00:00:00.123Z","payload":{"id":"9c265ffa"'
    )
    line = b'{"id":"4c1c2d8e-%d","product_id":"1234567","quantity":1,"price":19.9}'
    lines = b",".join(line % number for number in range(10, 10 + max(1, (size - len(head)) // (len(line) + 1))))
    return head + b',"items":[' + lines + b"]}}"


def post(port: int, body: bytes, connections: int, seconds: float) -> Load:
    """Post `body`, which has the number, from so many connections for so long. AssertionError: an answer was not 200.
    BrokenEnvironment: there is no wrk."""
    if shutil.which("wrk") is None:
        raise BrokenEnvironment("wrk is needed to measure the ingress: install it (Debian: apt-get install wrk).")
    with tempfile.NamedTemporaryFile() as sample, tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        sample.write(body)
        sample.flush()
        script.write(_SCRIPT.replace("{sample}", sample.name).replace("{number}", _NUMBER))
        script.flush()
        options = ["-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency", "-s", script.name]
        command = ["wrk", *options, _URL.format(port=port)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise AssertionError(f"not all were answered 200:\n{output}")
    return _load(output)


def _load(output: str) -> Load:
    found = dict(re.findall(r"^\s+(50|99)%\s+(\S+)$", output, re.MULTILINE))
    sums = re.search(r"(\d+) requests in ([\d.]+)(m?s|m)", output)
    assert sums is not None, output
    return Load(
        requests=int(sums[1]),
        seconds=float(sums[2]) * {"ms": 0.001, "s": 1, "m": 60}[sums[3]],
        p50_ms=_ms(found["50"]),
        p99_ms=_ms(found["99"]),
    )


def _ms(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
