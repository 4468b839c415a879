"""A schema registry, by Confluent's API, which Apicurio, Karapace and others have, too."""

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

from aiohttp import BasicAuth, ClientError, ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from bridge.refusals import Refusal
from commands.schema.register.subjects import Subject
from commands.terminal.no_answer import no_answer_in_words

T = TypeVar("T")

_ANSWER_WITHIN_S: Final = 30.0
_LARGEST_ANSWER: Final = 1 << 20
_SHOWN: Final = 300
"""Characters shown of an unexpected answer."""
_MEDIA_TYPE: Final = "application/vnd.schemaregistry.v1+json"


class RegistryRefused(Refusal):
    """The registry does not answer, or not as its API requires."""


class Registry:
    """Use it as `async with Registry(url, auth, heard) as registry:`. `heard` is set at the first answer.
    RegistryRefused: any call may raise it."""

    def __init__(self, url: str, auth: BasicAuth | None, heard: asyncio.Event) -> None:
        self._url, self._heard = url.rstrip("/"), heard
        self._session = ClientSession(
            timeout=ClientTimeout(total=_ANSWER_WITHIN_S),
            auth=auth,
            headers={"Accept": f"{_MEDIA_TYPE}, application/json"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def version_of(self, subject: Subject) -> int | None:
        """The version as which the schema is registered; None: it is not."""
        found = await self._ask("POST", f"/subjects/{_step(subject.name)}", _posted(subject), absent=True)
        return None if found is None else _field(found, "version", int)

    async def has(self, subject: Subject) -> bool:
        """Whether the subject has any version."""
        return await self._ask("GET", f"/subjects/{_step(subject.name)}/versions", absent=True) is not None

    async def objections(self, subject: Subject) -> list[str] | None:
        """Why the registry refuses the schema as the next version; None: it does not.

        The registry compares all versions that the level requires, as it will when registering. Karapace has only the
        path for one version, but compares all of them there, too, if the level is transitive.
        """
        path, asked = f"/compatibility/subjects/{_step(subject.name)}/versions", _posted(subject)
        found = await self._ask("POST", f"{path}?verbose=true", asked, absent=True)
        if found is None:
            found = await self._ask("POST", f"{path}/latest?verbose=true", asked)
        if _field(found, "is_compatible", bool):
            return None
        messages = found.get("messages")
        return [str(message) for message in messages] if isinstance(messages, list) else []

    async def level(self, subject: Subject) -> str | None:
        """The subject's own compatibility level; None: it has none."""
        found = await self._ask("GET", f"/config/{_step(subject.name)}", absent=True)
        return None if found is None else _field(found, "compatibilityLevel", str)

    async def set_level(self, subject: Subject, level: str) -> None:
        """Set the subject's own compatibility level."""
        await self._ask("PUT", f"/config/{_step(subject.name)}", {"compatibility": level})

    async def register(self, subject: Subject) -> None:
        """Register the schema as the next version."""
        await self._ask("POST", f"/subjects/{_step(subject.name)}/versions", _posted(subject))

    async def _ask(self, method: str, path: str, body: Any = None, *, absent: bool = False) -> Any:
        """The answer as JSON; None: 404, if `absent` allows it."""
        headers = {} if body is None else {"Content-Type": _MEDIA_TYPE}
        data = None if body is None else json.dumps(body).encode()
        try:
            async with self._session.request(
                method, URL(f"{self._url}{path}", encoded=True), data=data, headers=headers, allow_redirects=False
            ) as response:
                self._heard.set()
                status, answer = response.status, await _whole(response)
        except (ClientError, TimeoutError, ValueError) as error:
            raise RegistryRefused(f"No schema registry answers at {self._url} ({no_answer_in_words(error)})") from error
        if status == 404 and absent:
            return None
        if status in {401, 403}:
            raise RegistryRefused(f"The registry answered {status}: set BRIDGE_REGISTRY_USERNAME and …_PASSWORD")
        if status != 200:
            raise RegistryRefused(f"The registry answered {status} to {method} {path}: {_words(answer)}")
        try:
            return json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise RegistryRefused(f"What answers at {self._url} is no schema registry: {_words(answer)}") from error


async def _whole(response: ClientResponse) -> bytes:
    """The whole answer. ValueError: it is too large for a registry's."""
    answer = bytearray()
    async for piece in response.content.iter_any():
        answer += piece
        if len(answer) > _LARGEST_ANSWER:
            raise ValueError(f"an answer of more than {_LARGEST_ANSWER} bytes")
    return bytes(answer)


def _posted(subject: Subject) -> dict[str, str]:
    return {"schemaType": "JSON", "schema": json.dumps(subject.schema, ensure_ascii=False)}


def _field(answer: Any, name: str, kind: type[T]) -> T:
    found = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(found, kind):
        raise RegistryRefused(f"The registry answered without {name!r}, or with one that its API does not have")
    return found


def _step(name: str) -> str:
    return quote(name, safe="")


def _words(answer: bytes) -> str:
    return answer.decode(errors="replace")[:_SHOWN]
