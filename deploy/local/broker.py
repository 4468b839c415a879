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

# `exec`: the pid we know is the broker.
# What Kafka's format command writes is the same for all brokers but for the number of a node, and takes a JVM a second
# of CPU: the first one ever keeps it beside the jars. A broker gives its directory an id if that has none.
# The first broker that ends in order leaves an archive of its classes there; the later ones start from it with 40 %
# less CPU time. The JVM checks such a file and does without one that is not whole or not its own.
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
    """One broker. `directory` given: its data stay there after `stop`; else a temporary one, removed. `wanted`: ports
    that it takes if they are free.

    `kill` and then `start` use the same ports and data. The starter's death, however it comes about,
    stops the broker too.
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
        """Return once the broker answers; raises BrokenEnvironment, and then nothing is left behind."""
        self.launch()
        try:
            self.await_answer()
        except BaseException:
            self.stop()
            raise

    def launch(self) -> None:
        """Start the process, and do not wait for it; raises BrokenEnvironment."""
        command = ["/bin/sh", "-c", SCRIPT, java(), str(jars()), CLUSTER_ID, self.java_options]
        if self._process is not None:
            self._process.release(keep=True)
        self._process = KeptProcess(self._prepared(), command)

    def await_answer(self) -> None:
        """Return once the launched broker answers; raises BrokenEnvironment."""
        if not wait_until_it_answers(self.bootstrap_servers, START_S, self._started().is_running):
            raise BrokenEnvironment(f"Kafka did not start; it said: {self._last_words()}")

    def kill(self) -> None:
        """End the broker by SIGKILL; ports and data wait for `start`."""
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
