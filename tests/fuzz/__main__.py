"""The long form: `python -m tests.fuzz --bodies 50000 [--seed 1]`, on a Kafka of its own."""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import SystemRandom

from deploy.local.kafka import LocalKafka
from tests.fuzz.calls import CORPUS, LIMIT
from tests.fuzz.run import fuzz, replay
from tests.fuzz.target import Target, target
from tests.integration.ingress.conftest import deployed
from tests.integration.ingress.service import Ingress

_LOG = 4000


def main() -> int:
    """Return 0; if a call breaks a promise, hypothesis reports the smallest one, and the exit code is 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6), help="default: random, and told")
    chosen = parser.parse_args()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as directory,
        LocalKafka(own=True) as kafka,
        deployed(kafka.bootstrap_servers, LIMIT) as environment,
        Ingress(environment, Path(directory)) as ingress,
    ):
        ingress.wait_until_ready()
        with target(ingress.port, environment) as found:
            try:
                replay(found, CORPUS)
                fuzz(found, chosen.bodies, chosen.seed, lambda: print(f"{found.bodies:,} bodies", flush=True))
            except BaseException:
                print(f"seed {chosen.seed}; the ingress said at last:\n{ingress.log[-_LOG:]}", file=sys.stderr)
                raise
    print(_verdict(found, chosen.seed, time.monotonic() - began))
    return 0


def _verdict(found: Target, seed: int, seconds: float) -> str:
    answers = ", ".join(f"{count:,} answered {status}" for status, count in sorted(found.answers.items()))
    return f"{found.bodies:,} bodies (seed {seed}, {seconds:.0f} s): {answers}; 0 lost, 0 altered, no 5xx."


if __name__ == "__main__":
    sys.exit(main())
