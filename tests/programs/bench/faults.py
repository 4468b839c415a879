"""How soon an operator is told what is wrong: `python -m tests.programs.bench.faults`, two Kafkas, about two minutes.

After each fault, `bridge doctor` and `bridge status` are run, as somebody would who was called. The program prints
after how many seconds a line named the fault, and the remedy below it. A dash: the command has no means to see the
fault. It is enough if one of the two sees it.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from confluent_kafka.admin import AdminClient
from typer.testing import CliRunner

from commands.app import app
from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import BEARER, KEY, PARTITIONS, Deployment
from tests.integration.secured import mistakes
from tests.integration.secured.broker import PASSWORD, USER, Permissions, SecuredBroker
from tests.integration.waiting import wait_until
from tests.programs.chaos.small_disk import on_small_disk
from tests.programs.checker.names import QUARANTINE, RAW

Environment = Mapping[str, str]


class Told(NamedTuple):
    """Seconds until the line that was searched for, the line, and what to do."""

    seconds: float
    line: str
    remedy: str


def asked(command: str, words: str, environment: Environment, wrapper: Sequence[str] = ()) -> Told | None:
    """What a command says about that; None: nothing. The command runs to its end."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    began, told = time.monotonic(), None
    with subprocess.Popen(
        [*wrapper, sys.executable, "-u", "-m", "commands", command],
        env={**inherited, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if told is not None and not told.remedy and "->" in line:
                told = told._replace(remedy=line.partition("-> ")[2].strip())
            if told is None and line.startswith(("WRONG", "!")) and re.search(words, line):
                told = Told(time.monotonic() - began, " ".join(line.split()), "")
    return told


def report(fault: str, words: str, environment: Environment, wrapper: Sequence[str] = ()) -> None:
    """Print a line for each command, with what it said."""
    for command in ("doctor", "status"):
        told = asked(command, words, environment, wrapper if command == "doctor" else ())
        seconds = f"{told.seconds:5.1f} s" if told else "      -"
        print(f"{fault:16}{command:8}{seconds}  {told.line[:150] if told else ''}", flush=True)
        if told:
            print(f"{'':33}-> {told.remedy[:150]}", flush=True)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Stop a process for the block: it takes connections, and says nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def on_an_open_kafka(directory: Path) -> None:
    """Report the faults that need no security."""
    with (
        LocalKafka(own=True) as kafka,
        closing(Deployment(kafka.bootstrap_servers, "faults", directory)) as deployment,
    ):
        table = deployment.data_dir("worker") / "seen" / "0"
        table.parent.mkdir(parents=True)
        worker, ingress = deployment.worker("worker"), deployment.ingress()
        worker.wait_ready()
        ingress.wait_ready()
        urls = {"WORKER": worker.port, "INGRESS": ingress.port}
        environment = {
            "BRIDGE_TENANT": "acme",
            "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "BRIDGE_TOPIC_PREFIX": "faults",
            "BRIDGE_PARTITIONS": str(PARTITIONS),
            "BRIDGE_REPLICATION_FACTOR": "1",
            "BRIDGE_INGRESS_API_KEYS": KEY,
            "BRIDGE_WORKER_API_KEYS": KEY,
            **{f"BRIDGE_{name}_URL": f"http://127.0.0.1:{port}" for name, port in urls.items()},
        }
        body = json.dumps({"tenant": "beta", "name": "order.created", "payload": {}}).encode()
        assert ingress.request("POST", "/webhooks/newstore", body, BEARER).status == 200
        report("wrong tenant", "another tenant", environment)
        data = directory / "full"
        full = {**environment, "BRIDGE_WORKER_DATA_DIR": str(data)}
        report("full disk", "the disk is full", full, on_small_disk(data, 32 << 20, 16 << 20))
        with stopped(kafka.pid):
            report("frozen Kafka", "says nothing|no answer from", environment)
        worker.end()
        table.rename(table.with_name("away"))
        table.write_text("no directory")
        worker = deployment.worker("worker")
        wait_until("it has halted", lambda: (deployment.names.topic(RAW), 0) in worker.lanes("halted"))
        report("halted lane", "halted", environment)
        missing = deployment.names.topic(QUARANTINE)
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
        admin.delete_topics([missing])[missing].result(30)
        report("missing topic", re.escape(missing), environment)


def on_a_secured_kafka(directory: Path) -> None:
    """Report faults of those who connect there."""
    broker = SecuredBroker(directory)
    broker.start()
    try:
        environment = {
            "BRIDGE_TENANT": "acme",
            "BRIDGE_TOPIC_PREFIX": "faults",
            "BRIDGE_PARTITIONS": "2",
            "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": broker.sasl,
            "BRIDGE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "BRIDGE_KAFKA_SASL_USERNAME": USER,
            "BRIDGE_KAFKA_SASL_PASSWORD": PASSWORD,
        }
        permissions = Permissions(broker.bootstrap_servers)
        permissions.allow_topics("faults")
        permissions.allow_group("faults")
        assert CliRunner().invoke(app, ["topics", "apply", "--yes"], env=environment).exit_code == 0
        permissions.forbid_writing("faults")
        report("missing ACL", "not allowed on the topic", environment)
        for fault, mistake, words in MISTAKES:
            report(fault, words, {**environment, **mistake(broker)})
    finally:
        broker.stop()


MISTAKES: Final[Sequence[tuple[str, Callable[[SecuredBroker], Environment], str]]] = (
    ("wrong password", mistakes.PASSWORD.variables, "SASL_AUTHENTICATION_FAILED"),
    ("TLS mismatch", mistakes.PLAIN_TO_TLS.variables, "has closed the connection"),
    ("TLS not trusted", mistakes.UNTRUSTED.variables, "certificate is not accepted"),
)


def main() -> None:
    """Print all that was told."""
    with tempfile.TemporaryDirectory() as directory:
        for name, make in (("open", on_an_open_kafka), ("secured", on_a_secured_kafka)):
            place = Path(directory) / name
            place.mkdir()
            make(place)


if __name__ == "__main__":
    main()
