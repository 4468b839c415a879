"""Kafka as a Java process of our own: one KRaft node on loopback, on free ports, in its own directory."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from deploy.local.answers import wait_until_it_answers
from deploy.local.environment import BrokenEnvironment, java
from deploy.local.jars import jars
from deploy.local.kept import KeptProcess
from deploy.local.ports import free_ports
from deploy.local.properties import java_properties

START_S = 180.0
CLUSTER_ID = "bmV3c3RvcmUtYnJpZGdlMQ"  # any 16 bytes in base64

# `exec` makes the broker's pid the one that we know.
# Kafka's format command takes a JVM a second of CPU. It writes the same for all brokers, except the node's number. So
# the first broker ever keeps the result beside the jars. A broker gives its directory an id if it has none.
# The first broker that ends in order leaves an archive of its classes there. Later brokers start from it with 40 % less
# CPU time. The JVM checks the archive, and ignores it if it is not whole or another JVM's.
SCRIPT = """\
java=$0 jars=$1 cluster=$2 options=$3 cds=
for archive in "$jars"-*.jsa; do [ -e "$archive" ] && cds=-XX:SharedArchiveFile=$archive; done
if [ -e log/meta.properties ]; then
    :
elif [ -e "$jars.checkpoint" ]; then
    mkdir -p log && cp "$jars.checkpoint" log/bootstrap.checkpoint || exit
    { echo version=1; echo "cluster.id=$cluster"; grep ^node.id= server.properties; } >log/meta.properties
else
    "$java" "${cds:--Xshare:auto}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$jars/*" \\
        kafka.tools.StorageTool format --config server.properties --cluster-id "$cluster" >/dev/null || exit
    cp log/bootstrap.checkpoint "$jars-$$" && mv "$jars-$$" "$jars.checkpoint"
fi
exec "$java" "${cds:--XX:ArchiveClassesAtExit=$jars-$$.jsa}" $options -Xmx512m \\
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$jars/*" kafka.Kafka server.properties
"""


class JavaBroker:
    """One broker. `directory`: its data stay there after `stop`; without it, `stop` removes them. `wanted`: ports to
    take if they are free.

    `start` after `kill` uses the same ports and data. However the starter dies, the broker stops too.
    """

    description = "Apache Kafka as a Java process"
    java_options = ""

    def __init__(self, directory: Path | None = None, wanted: Iterable[int] = ()) -> None:
        self._keep = directory is not None
        self.directory = directory.resolve() if directory else None
        self._port, controller_port = free_ports(2, wanted)
        self.properties = java_properties(self._port, controller_port)
        self._process: KeptProcess | None = None

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Process id of the broker; raises RuntimeError before the first start and after `stop`."""
        return self._started().pid

    def start(self) -> None:
        """Return once the broker answers. BrokenEnvironment: it does not, and nothing is left of it."""
        self.launch()
        try:
            self.await_answer()
        except BaseException:
            self.stop()
            raise

    def launch(self) -> None:
        """Start the process without waiting for an answer. BrokenEnvironment: no usable Java, or no jars."""
        command = ["/bin/sh", "-c", SCRIPT, java(), str(jars()), CLUSTER_ID, self.java_options]
        if self._process is not None:
            self._process.release(keep=True)
        self._process = KeptProcess(self._prepared(), command)

    def await_answer(self) -> None:
        """Return once the launched broker answers. BrokenEnvironment: it ended, or did not answer in time."""
        if not wait_until_it_answers(self.bootstrap_servers, START_S, self._started().is_running):
            raise BrokenEnvironment(f"Kafka did not start; it said: {self._last_words()}")

    def kill(self) -> None:
        """End the broker by SIGKILL. `start` uses its ports and data again."""
        self._started().kill()

    def stop(self) -> None:
        """Let the broker shut down in order. A second call does nothing."""
        if self._process is not None:
            self._process.release(keep=self._keep)
            self._process = None

    def _started(self) -> KeptProcess:
        if self._process is None:
            raise RuntimeError("the broker was not started")
        return self._process

    def _prepared(self) -> Path:
        if self.directory is None:
            self.directory = Path(tempfile.mkdtemp(prefix="bridge-kafka-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "server.properties").write_text(self.properties)
        return self.directory

    def _last_words(self) -> str:
        log = self.directory / "broker.log" if self.directory else None
        lines = log.read_text(errors="replace").splitlines() if log and log.exists() else []
        errors = [line for line in lines if "Exception" in line and not line.startswith("\t")]
        return (errors or lines or ["nothing."])[-1]
