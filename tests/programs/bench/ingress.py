"""One ingress under load from wrk."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from bridge.settings import Settings
from deploy.local.environment import BrokenEnvironment
from deploy.local.service import Service
from tests.programs.bench.deployment import Metrics, Result

_CONNECTIONS, _SECONDS = 64, 10
_SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "order.opened.json"

# Every body has another order's id, so that nothing along the way can be remembered.
_SCRIPT = """
local file = io.open("{sample}"); local body = file:read("*a"):gsub("demo%-tenant", "bench"); file:close()
wrk.method = "POST"; wrk.headers["Authorization"] = "Bearer a-key"; wrk.headers["Content-Type"] = "application/json"
local number = 0
request = function()
  number = number + 1
  return wrk.format(nil, nil, nil, (body:gsub("9c265ffa", string.format("%08x", number))))
end
"""


def requests(settings: Settings) -> Result:
    """Post a sample order over and over, each time as another order."""
    if shutil.which("wrk") is None:
        raise BrokenEnvironment("wrk is needed to measure the ingress: install it (Debian: apt-get install wrk).")
    service = Service("ingress", settings.ingress_port)
    try:
        service.wait_until_ready()
        before = Metrics(settings.ingress_port)
        output = _wrk(f"http://127.0.0.1:{settings.ingress_port}/webhooks/newstore")
        after = Metrics(settings.ingress_port)
    finally:
        service.stop()
    accepted = after.sum("bridge_ingress_events_total") - before.sum("bridge_ingress_events_total")
    return Result(
        rate=accepted / (after.at - before.at),
        cpu_us=(after.cpu_seconds - before.cpu_seconds) / accepted * 1e6,
        rss_mb=after.rss_mb,
        remarks=f"{_SAMPLE.stat().st_size:,} B, {_CONNECTIONS} connections, {_latency(output)}",
    )


def _wrk(url: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT.replace("{sample}", str(_SAMPLE)))
        script.flush()
        command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s", "--latency", "-s", script.name, url]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise AssertionError(f"the ingress refused some:\n{output}")
    return output


def _latency(output: str) -> str:
    found = dict(re.findall(r"^\s+(50|99)%\s+(\S+)$", output, re.MULTILINE))
    return f"p50 {found['50']}, p99 {found['99']}"


BENCHMARKS = {"ingress": requests}
