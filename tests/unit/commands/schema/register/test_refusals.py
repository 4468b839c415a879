"""What the command makes of registries that are slow, wrong, or set up beforehand; all in this process."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest

from commands.schema.publish import files
from commands.schema.register import command
from commands.terminal import first_contact
from tests.contract.registry.fake import NO_SUBJECT, Answer, FakeRegistry, serving
from tests.unit.commands.conftest import Run
from tests.unit.commands.schema.published import PUBLISHED

pytestmark = pytest.mark.thorough  # over a socket

SUBJECT = "newstore.order-state.v1-value"
Hook = Callable[[str, list[str]], Answer | None]


class Hooked(FakeRegistry):
    """A registry whose answers a test can make. Where `hook` gives None, it answers as always."""

    hook: Hook = staticmethod(lambda *_: None)

    def answer(self, method: str, steps: list[str], body: Any) -> Answer:
        """The hook's answer, or the usual one."""
        return self.hook(method, steps) or super().answer(method, steps, body)


@pytest.fixture
def registry() -> Hooked:
    return Hooked()


@pytest.fixture
def register(registry: Hooked, bridge: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], tuple[int, str]]]:
    """Runs the command; returns exit code and stderr."""
    monkeypatch.setattr(files, "published", lambda: PUBLISHED)
    with serving(registry) as url:

        def run() -> tuple[int, str]:
            result = bridge("schema", "register", "--url", url, "--yes", kafka_bootstrap_servers="nowhere.invalid:1")
            return result.exit_code, result.stderr

        yield run


def test_the_level_of_a_subject_without_any_version_stays(
    registry: Hooked, register: Callable[[], tuple[int, str]]
) -> None:
    registry.levels[SUBJECT] = "BACKWARD"
    assert register()[0] == 0
    assert (registry.levels[SUBJECT], len(registry.versions[SUBJECT])) == ("BACKWARD", 1)


def test_a_registry_that_knows_no_path_of_all_versions_is_asked_about_the_last(
    registry: Hooked, register: Callable[[], tuple[int, str]]
) -> None:
    registry.versions[SUBJECT] = [{"type": "object"}]

    def as_karapace(_: str, steps: list[str]) -> Answer | None:
        if steps[0] != "compatibility":
            return None
        return (200, {"is_compatible": False, "messages": ["no"]}) if steps[-1] == "latest" else (404, {})

    registry.hook = as_karapace
    code, said = register()
    assert (code, "Nothing was registered" in said, f"{SUBJECT}: no" in said) == (1, True, True)


@pytest.mark.parametrize(
    ("step", "answer", "code"),
    [
        ("subjects", {"version": None}, 2),
        ("subjects", {"version": "one"}, 2),
        ("subjects", ["version"], 2),
        ("config", {"compatibilityLevel": None}, 2),
        ("compatibility", {"is_compatible": "no"}, 2),
        ("compatibility", {"is_compatible": False, "messages": 5}, 1),
        ("compatibility", {"is_compatible": False, "messages": None}, 1),
    ],
)
def test_an_answer_that_the_api_does_not_have_is_a_sentence(
    registry: Hooked, register: Callable[[], tuple[int, str]], step: str, answer: Any, code: int
) -> None:
    registry.versions[SUBJECT] = [{"type": "object"}]

    def wrong(method: str, steps: list[str]) -> Answer | None:
        return (200, answer) if (steps[0] == step and (step != "subjects" or method == "POST")) else None

    registry.hook = wrong
    found = register()
    assert (found[0], found[1].count("\n")) == (code, 1)


def test_an_answer_of_a_thousand_levels_is_a_sentence(
    register: Callable[[], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deep(_: object) -> bytes:
        return b"[" * 500_000

    monkeypatch.setattr("commands.schema.register.registry._whole", deep)
    assert "no schema registry" in register()[1]


def test_it_is_the_registry_that_is_waited_for(
    registry: Hooked, register: Callable[[], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Event()

    def slow(*_: object) -> Answer | None:
        assert told.wait(30)
        return NO_SUBJECT

    def say(text: str) -> None:
        said.append(text)
        told.set()

    said: list[str] = []
    registry.hook = slow
    monkeypatch.setattr(first_contact, "PATIENCE_S", first_contact.AT_ONCE_S)
    monkeypatch.setattr(first_contact, "say", say)
    monkeypatch.setattr(command, "carry_out", nothing)
    register()
    assert len(said) == 1
    assert said[0].startswith("no answer from http://127.0.0.1:")


async def nothing(*_: object) -> None:
    """Takes the place of the real work."""
