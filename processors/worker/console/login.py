"""Logging in, by a form that posts an API key once, and logging out."""

from typing import Final

from aiohttp import web

from bridge import metrics
from bridge.log import audit
from processors.worker.console.attempts import Attempts
from processors.worker.console.forms import FormError, Forms
from processors.worker.console.guard import came_by_https, own_path
from processors.worker.console.pages import Pages, Visitor, go
from processors.worker.console.session import COOKIE, LIFE_S, Sessions, shown_in

_PATH: Final = "/"
"""Not only the console's: the cookie also admits to the API's queries."""
_HELD_OFF_S: Final = 10
"""By then the wrong keys that wait now are answered."""
_NOBODY: Final = Visitor(is_in=False, can_leave=False)
_ACCEPTED, _REFUSED, _HELD_OFF = map(metrics.console_logins_total.labels, ("accepted", "refused", "held_off"))
"""They exist from the start: for Prometheus, a series that begins above 0 did not increase."""


class Login:
    """Handlers of the login page."""

    def __init__(self, sessions: Sessions, pages: Pages, forms: Forms) -> None:
        self._sessions, self._pages, self._forms = sessions, pages, forms
        self._attempts = Attempts()

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The form; visitors who are logged in go on."""
        wanted = own_path(request.query.get("next", ""))
        if self._sessions.caller(shown_in(request.headers)) is not None:
            return go(wanted)
        return self._form(request, wanted)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Open a session for a key that is in force."""
        try:
            said = await self._forms.read(request)
        except FormError as refusal:
            return self._pages.refused(request, _NOBODY, refusal)
        wanted, given = own_path(said.get("next", "")), said.get("key", "")
        if self._attempts.are_too_many:
            _HELD_OFF.inc()
            return self._form(request, wanted, 429, "Too many wrong keys are waiting. Try again in a moment.")
        cookie = self._sessions.open(given)
        if cookie is None:
            _REFUSED.inc()
            audit.warning("console login refused", peer=request.remote)
            await self._attempts.failed()
            return self._form(request, wanted, 401, "This key is not in force.")
        _ACCEPTED.inc()
        audit.info("console login", session=cookie.split(".")[1], peer=request.remote)
        answer = go(wanted)
        is_secure = came_by_https(request.headers, request.scheme)
        answer.set_cookie(
            COOKIE, cookie, max_age=LIFE_S, path=_PATH, httponly=True, samesite="Strict", secure=is_secure
        )
        return answer

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """Delete the cookie."""
        try:
            await self._forms.read(request)
        except FormError as refusal:
            return self._pages.refused(request, _NOBODY, refusal)
        answer = go("/console/login")
        answer.del_cookie(COOKIE, path=_PATH, httponly=True, samesite="Strict")
        return answer

    def _form(self, request: web.Request, wanted: str, status: int = 200, error: str = "") -> web.StreamResponse:
        values = {"title": "Log in", "next": wanted, "error": error}
        after = _HELD_OFF_S if status == 429 else None
        return self._pages.whole(request, "login", _NOBODY, status, values=values, retry_after=after)
