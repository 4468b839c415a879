"""Which host names nobody outside can point at a service."""

import pytest

from processors.worker.host_names import is_inner


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:6066",
        "10.0.0.7",
        "[::1]:6066",
        "localhost:6066",
        "LOCALHOST.",
        "worker:6066",
        "worker-0.worker.bridge.svc:6066",
        "worker-0.worker.bridge.svc.cluster.local",
        "worker.internal",
        "bridge.example.com:6066",
        "Bridge.Example.com.",
        "",
    ],
)
def test_addresses_own_names_and_those_of_no_registry(host: str) -> None:
    assert is_inner(host, {"bridge.example.com"})


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:6066",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "bridge.example.com.evil.example",
        "notlocalhost.com",
        "xlocal.notinternal",
        "[::1",
        "1.2.3.4.5",
    ],
)
def test_other_names(host: str) -> None:
    assert not is_inner(host, {"bridge.example.com"})
