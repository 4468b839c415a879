"""An ingress with an operations port has its pages there, and nowhere else."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from tests.integration.ingress.conftest import Serve
from tests.integration.ingress.service import Ingress, refusal
from tests.integration.ingress.wire import KEY, Wire

PAGES = ("/livez", "/readyz", "/metrics", "/openapi.json")


@pytest.fixture(scope="module")
def ingress(serve: Serve, deployment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingress]:
    """An ingress with an operations port."""
    (port,) = free_ports(1)
    directory = tmp_path_factory.mktemp("operations")
    with serve({**deployment, "BRIDGE_OPS_PORT": str(port)}, directory) as ingress:
        ingress.operations_port = port
        ingress.wait_until_ready()
        yield ingress


@pytest.mark.parametrize("page", PAGES)
def test_its_pages_are_there_and_not_at_the_webhooks_port(ingress: Ingress, page: str) -> None:
    assert ingress.status(page) == 200
    for target in (page, page.replace("e", "%65"), f"http://bridge{page}"):
        with Wire(ingress.port) as wire:
            wire.head(request=f"GET {target} HTTP/1.1")
            assert wire.answer()[0] == 404


def test_it_knows_nothing_of_the_webhook(ingress: Ingress) -> None:
    assert ingress.operations_port is not None
    with Wire(ingress.operations_port) as wire:
        wire.head(KEY, "Content-Length: 2")
        wire.send(b"{}")
        assert wire.answer()[0] == 404


def test_what_was_refused_at_either_port_is_counted(ingress: Ingress) -> None:
    assert ingress.operations_port is not None
    for port in (ingress.port, ingress.operations_port):
        with Wire(port) as wire:
            wire.send(b"no http\r\n\r\n")
            assert wire.answer()[0] == (500 if port == ingress.port else 400)
    for name in ("webhook", "ops"):
        ingress.wait_until_page("/metrics", f'bridge_http_refused_total{{cause="no_http",port="{name}"}} 1.0')


def test_a_port_that_is_taken_is_named(deployment: Mapping[str, str], ingress: Ingress, tmp_path: Path) -> None:
    told = refusal({**deployment, "BRIDGE_OPS_PORT": str(ingress.operations_port)}, tmp_path)
    assert "BRIDGE_OPS_PORT: cannot listen on" in told
