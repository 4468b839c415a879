"""What other workers ask about partitions of this one, over HTTP: no API, and nobody else's business."""

import msgspec
from aiohttp import web

from bridge.http.server import read_body
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.choosing import BadQuestionError
from processors.worker.queries.handlers import Admit, posted
from processors.worker.queries.local import Local
from processors.worker.queries.owners import AwayError
from processors.worker.queries.peers import QUESTIONS
from processors.worker.queries.questions import packed, read_asked


class PeerQuestions:
    """Has `local` answer whom `admit` lets in. Workers show a bearer key where keys are set (`peers`), so a browser's
    session is not enough."""

    def __init__(self, local: Local, admit: Admit) -> None:
        self._local, self._admit = local, admit

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add it to the router of a server."""
        router.add_post(QUESTIONS, posted(self._admit, self._answer))

    async def _answer(self, request: web.Request, _caller: Caller) -> Answer:
        try:
            asked = read_asked(await read_body(request))
            told = await self._local.tell(asked.question, asked.partitions)
        except msgspec.MsgspecError as error:
            return problem(400, "Bad Request", f"no worker of this version asks so ({type(error).__name__})")
        except BadQuestionError as error:
            return problem(400, "Bad Request", str(error))
        except AwayError as away:
            return away.answer("Not all of the partitions are here")
        return Answer(200, packed(told))
