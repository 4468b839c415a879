"""The image: how it is built, and that it is built from what is locked."""

import json
import re
import socket
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bridge.version import REVISION
from hatch_build import SOURCES
from tests.deploy.manifests import ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
PINS = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def instructions(name: str) -> list[str]:
    """The arguments of every instruction of this name."""
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    """Package -> version of a locked set."""
    return dict(PINS.findall(path.read_text()))


def test_hadolint_finds_nothing() -> None:
    """With its default rules."""
    hadolint = Path(sys.executable).with_name("hadolint")
    run = subprocess.run([hadolint, ROOT / "deploy" / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")


def test_every_stage_starts_from_the_same_python() -> None:
    """The environment made in one stage is moved to the other: both need the same Python in the same place, and one
    libc."""
    images = [line.split()[0] for line in instructions("FROM")]
    assert images == ["python:3.11-bookworm", "python:3.11-slim-bookworm"]


def test_it_is_not_built_without_what_is_compiled() -> None:
    """The build fails if the interpreter that will run it cannot import a compiled module."""
    (check,) = re.findall(r'/opt/bridge/bin/python -c "(.*)"', DOCKERFILE)
    modules = {".".join(source.with_suffix("").parts) for source in SOURCES}
    assert {f"{package}.{name}" for package, name in re.findall(r"from (\S+) import (\w+)", check)} == modules


def test_it_does_not_run_as_root() -> None:
    """The last USER is a number that is not 0."""
    assert instructions("USER")[-1] == "10001:10001"


def test_it_is_told_to_stop_by_sigterm_and_starts_the_command_line() -> None:
    """Exec form: no shell stands between the signal and the bridge."""
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert instructions("ENTRYPOINT") == ['["bridge"]']


def test_it_says_what_it_is_and_from_which_revision() -> None:
    """In the words of the Open Container Initiative; the builder gives version and revision."""
    labels = set(re.findall(r"org\.opencontainers\.image\.([a-z.]+)=", DOCKERFILE))
    assert labels >= {"title", "description", "licenses", "version", "revision", "base.name"}
    assert {"VERSION=unknown REVISION", "REQUIREMENTS=runtime"} == set(instructions("ARG"))
    assert instructions("ENV")[-1] == f"{REVISION}=${{REVISION}}"  # empty where the builder gives none


def test_its_health_is_readiness_at_the_operations_port() -> None:
    """Of either service: the port is the same, unless somebody sets another."""
    assert "BRIDGE_OPS_PORT=8081" in DOCKERFILE
    assert health_check()[:2] == ["python", "-c"]


def health_check() -> list[str]:
    """What Docker runs to learn the image's health."""
    (check,) = re.findall(r"HEALTHCHECK .*\n +CMD (\[.*\])", DOCKERFILE)
    program: list[str] = json.loads(check)
    return program


@pytest.mark.parametrize(("status", "ends_with"), [(200, 0), (503, 1)])
def test_its_health_is_what_it_answers_itself(status: int, ends_with: int) -> None:
    """Also if Docker hands containers a proxy (`proxies` of ~/.docker/config.json), which knows no such address."""
    asked: list[str] = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        nobody = "http://127.0.0.1:9"
        environment = {"BRIDGE_OPS_PORT": str(server.server_port), "http_proxy": nobody, "HTTP_PROXY": nobody}
        command = [sys.executable, *health_check()[1:]]
        try:
            run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        finally:
            server.shutdown()
    assert (run.returncode, asked) == (ends_with, ["/readyz"]), run.stderr


def test_its_health_is_unhealthy_where_nothing_listens() -> None:
    with socket.socket() as bound:  # and does not listen
        bound.bind(("127.0.0.1", 0))
        environment = {"BRIDGE_OPS_PORT": str(bound.getsockname()[1])}
        run = subprocess.run([sys.executable, *health_check()[1:]], env=environment, capture_output=True, check=False)
    assert run.returncode == 1


INSTALLS = re.findall(r"pip (?:--python \S+ )?install (.*)", DOCKERFILE)


def test_everything_installed_is_locked() -> None:
    """Each installation checks hashes, or installs our own wheel without its dependencies."""
    assert len(INSTALLS) == 3
    kinds = [each.removeprefix("--no-compile ") for each in INSTALLS]
    assert all(each.startswith(("--require-hashes -r", "--no-deps --no-index")) for each in kinds)


def test_bytecode_is_made_once_and_without_time_stamps() -> None:
    """pip does not make it. PIP_NO_COMPILE=1 would make pip compile, because it is taken as the value of `compile`.
    What imports have made before (pip's of attr, the build's own) has a time stamp and is made anew, which takes -f."""
    assert "PIP_NO_COMPILE" not in DOCKERFILE
    assert [each for each in INSTALLS if not each.startswith("--no-compile ")] == [INSTALLS[0]]
    assert "build.txt" in INSTALLS[0], "what stays in the first stage"
    compiled = re.findall(r"python -m compileall (.*)", DOCKERFILE)
    assert len(compiled) == 2
    assert all(each.startswith("-qf --invalidation-mode unchecked-hash ") for each in compiled)


def test_the_lexers_that_are_left_load_without_the_others() -> None:
    """Nothing here asks rich for a lexer. If somebody does, Python and plain text are there."""
    (kept,) = re.findall(r"-path '\*/pygments/lexers/\*\.py' (.*?) -delete", DOCKERFILE.replace("\\\n    ", ""))
    modules = {name.removesuffix(".py") for name in kept.split() if name.endswith(".py")}
    assert modules == {"__init__", "_mapping", "python", "special"}
    program = (
        "import sys; from pygments.lexers import get_lexer_by_name, PythonTracebackLexer;"
        "get_lexer_by_name('python'), get_lexer_by_name('text');"
        "print(*(name for name in sys.modules if name.startswith('pygments.lexers.')))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == {f"pygments.lexers.{name}" for name in modules - {"__init__"}}


def test_it_has_what_the_licence_asks_for() -> None:
    """Its text, in our wheel's metadata: whoever is given the image is given that, too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    copied = {word for line in instructions("COPY") for word in line.split()}
    assert {project["readme"], *project["license-files"]} <= copied


@pytest.mark.parametrize("word", ["http:", "https:", "index-url", "syntax="])
def test_no_address_is_built_in(word: str) -> None:
    """The builder decides where packages come from, and a `syntax` line would fetch a frontend."""
    assert word not in DOCKERFILE.replace("http://127.0.0.1:", "")  # the container itself, asked for its health


@pytest.mark.parametrize(
    ("extra", "brings", "changes"),
    [
        ("msk-iam", "aws-msk-iam-sasl-signer-python", {"python-dateutil", "tzdata"}),
        ("otel", "opentelemetry-sdk", set()),
    ],
)
def test_each_set_that_can_be_built_in_is_locked_as_the_usual_one_is(
    extra: str, brings: str, changes: set[str]
) -> None:
    """What is added changes no version of what is there, with one exception: AWS's library takes no python-dateutil
    4."""
    usual = pins(ROOT / "requirements" / "runtime.txt")
    with_extra = pins(ROOT / "requirements" / f"{extra}.txt")
    assert {name for name, _ in usual.items() - with_extra.items()} <= changes
    assert brings in with_extra.keys() - usual.keys()


def test_the_build_backend_is_the_locked_one() -> None:
    """requirements/build.txt holds what pyproject.toml asks for, in the versions of the development set."""
    built_with = pins(ROOT / "requirements" / "build.txt")
    asked_for = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert set(asked_for) <= {f"{name}=={version}" for name, version in built_with.items()}
    assert built_with.items() <= pins(ROOT / "requirements" / "dev.txt").items()


def test_nothing_else_reaches_the_daemon() -> None:
    """The context has only what the Dockerfile copies: everything else is ignored."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    copied = {source for line in instructions("COPY") if not line.startswith("--from") for source in line.split()[:-1]}
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied
    assert {path for path in copied if not (ROOT / path).exists()} == set()
