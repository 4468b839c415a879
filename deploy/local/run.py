"""`make run`: the stack, kept up until Ctrl-C."""

import os
import time

from bridge.settings import Settings
from commands.terminal.inert_console import InertConsole
from deploy.local.environment import BrokenEnvironment
from deploy.local.stack import Stack

_LOOK_EVERY_S = 1.0


def keep_up(console: InertConsole, stack: Stack, settings: Settings) -> int:
    """Print how to use the stack and wait; BrokenEnvironment: a service has ended by itself."""
    for line in _how_to(settings).splitlines():
        console.print(line, soft_wrap=True)
    try:
        while (obituary := stack.obituary()) is None:
            time.sleep(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        return 0
    raise BrokenEnvironment(obituary)


def _how_to(settings: Settings) -> str:
    webhook = f"http://127.0.0.1:{settings.ingress_port}/webhooks/newstore"
    key = settings.ingress_api_keys[0].get_secret_value()
    exports = "\n".join(
        f"  export {name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("BRIDGE_")
    )
    return f"""
Webhook  {webhook}
         Authorization: Bearer {key}
Worker   {settings.worker_url} (console, orders, health, metrics)
Kafka    {", ".join(settings.kafka_bootstrap_servers)}, topics {settings.topic_prefix}.*

Send an event:
  curl -i {webhook} -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' --data-binary @tests/data/samples/order.opened.json

The settings for another terminal:
{exports}
There:
  .venv/bin/bridge order 9c265ffa-5149-4ad7-8b7d-d59346586877
  .venv/bin/bridge simulate --orders 50 --disorder 1 --disorder-window 2h
  .venv/bin/bridge verify

Ctrl-C stops everything."""
