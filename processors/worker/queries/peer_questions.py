"""Answers other workers' questions about this worker's partitions over HTTP. This is not part of the API."""

import msgspec
from aiohttp import web

from processors.worker.bodies import Bodies
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.handlers import Admit, posted
from processors.worker.queries.local import Local
from processors.worker.queries.owners import AwayError
from processors.worker.queries.peers import QUESTIONS
from processors.worker.queries.questions import MOST_QUESTION_BYTES, packed, read_asked


class PeerQuestions:
    """Has `local` answer callers that `admit` lets in. A browser's session is not enough: workers show a bearer key
    where keys are set (`peers`)."""

    def __init__(self, local: Local, bodies: Bodies, admit: Admit) -> None:
        self._local, self._bodies, self._admit = local, bodies, admit

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the path to a server's router."""
        router.add_post(QUESTIONS, posted(self._admit, self._answer))

    async def _answer(self, request: web.Request, _caller: Caller) -> Answer:
        try:
            async with self._bodies.read(request, MOST_QUESTION_BYTES) as body:
                asked = read_asked(body)
                told = await self._local.tell(asked.question, asked.partitions)
        except msgspec.MsgspecError as error:
            return problem(400, "Bad Request", f"no worker of this version asks so ({type(error).__name__})")
        except AwayError as away:
            return away.answer("Not all of the partitions are here")
        return Answer(200, packed(told))
