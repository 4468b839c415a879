"""`make run`: the stack, kept up until Ctrl-C."""

import time
from collections.abc import Sequence
from pathlib import Path

from bridge.intake import WEBHOOK
from bridge.settings import Settings
from commands.terminal.output import InertConsole
from deploy.local.environment import BrokenEnvironment
from deploy.local.home import RUN, Home
from deploy.local.stack import Stack

_LOOK_EVERY_S = 1.0


def keep_up(console: InertConsole, stack: Stack, settings: Settings) -> int:
    """Print how to use the stack, and wait for Ctrl-C. BrokenEnvironment: a service has ended by itself."""
    for line in _how_to(Home(RUN).env_file, stack.logs, settings).splitlines():
        console.print(line, soft_wrap=True)
    try:
        while (obituary := stack.obituary()) is None:
            time.sleep(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        return 0
    raise BrokenEnvironment(obituary)


def _how_to(env_file: Path, logs: Sequence[Path], settings: Settings) -> str:
    webhook = f"http://127.0.0.1:{settings.ingress_port}{WEBHOOK}"
    key = settings.ingress_api_keys[0].get_secret_value()
    bridge = f".venv/bin/bridge --env-file {_shown(env_file)}"
    return f"""
Webhook   {webhook}
          Authorization: Bearer {key}
Worker    {settings.worker_url} (console, orders, health, metrics)
Kafka     {", ".join(settings.kafka_bootstrap_servers)}, topics {settings.topic_prefix}.*
Settings  {_shown(env_file)} (ports and keys stay over runs)
Logs      {", ".join(map(_shown, logs))}

Send an event:
  curl -i {webhook} -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' --data-binary @tests/data/samples/order.opened.json

In another terminal:
  {bridge} status
  {bridge} order 9c265ffa-5149-4ad7-8b7d-d59346586877
  {bridge} simulate --orders 50 --disorder 1 --disorder-window 2h
  {bridge} verify

Ctrl-C stops everything."""


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
