import os
import socket

from tests.programs.chaos.sockets import holders


def test_the_process_that_dialled_is_found_by_the_connections_ports() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        ends = client.getsockname()[1], server.getsockname()[1]
        assert holders([ends], {"we": os.getpid(), "init": 1}) == {ends: "we"}
        assert holders([ends], {}) == {}
        assert holders([], {"we": os.getpid()}) == {}


def test_another_connection_from_the_same_port_is_another_one() -> None:
    """The kernel gives one port to connections with different targets, even of different processes."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_server(("127.0.0.1", 0)) as other,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert holders([(client.getsockname()[1], other.getsockname()[1])], {"we": os.getpid()}) == {}
