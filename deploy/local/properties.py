"""The settings of the local broker, the same whichever rung runs it."""

# One node keeps everything itself. The rest makes it light: few internal partitions, a small cleaner, groups that do
# not wait for more members. No topic is created automatically: topics need their settings.
COMMON = {
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",  # a killed broker starts again only after its last session
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "8",
    "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
    "metadata.max.idle.interval.ms": "0",  # else half of an idle broker's work is writing that nothing changed
}


def java_properties(port: int, controller_port: int) -> str:
    """Return `server.properties` of a broker and controller on loopback, with its data beside the file."""
    node = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": "log",
    }
    return "".join(f"{name}={value}\n" for name, value in {**node, **COMMON}.items())


def container_environment() -> dict[str, str]:
    """Return the common settings in the spelling of the apache/kafka image."""
    return {f"KAFKA_{name.replace('.', '_').upper()}": value for name, value in COMMON.items()}
