import os
import socket

from tests.programs.chaos.sockets import holders


def test_the_process_that_dialled_is_found_by_its_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        port = client.getsockname()[1]
        assert holders([port], {"we": os.getpid(), "init": 1}) == {port: "we"}
        assert holders([port], {}) == {}
        assert holders([], {"we": os.getpid()}) == {}
