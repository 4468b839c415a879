"""The other end of `ingress.parser`: reads bodies from stdin and writes to stdout what becomes of them."""

import gc
import pickle  # nosec B403
import signal
import struct
import sys
from typing import Any, Final

REQUEST: Final = struct.Struct(">II")
"""How many bytes of question and of body follow."""
ANSWER: Final = struct.Struct(">I")
"""How many bytes of answer follow."""


def pack(value: Any) -> bytes:
    """For the other end."""
    return pickle.dumps(value)


def unpack(packed: bytes) -> Any:
    """What the other end has packed."""
    return pickle.loads(packed)  # noqa: S301 - of our own process  # nosec B301


def main() -> None:
    """Answer until stdin ends, as it does when the asking process ends in any way."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they may reach both; the asking process knows what is left to do
    gc.disable()  # JSON has no cycles
    answers = sys.stdout.buffer  # noqa: TID251 - a pipe to the asking process
    while head := sys.stdin.buffer.read(REQUEST.size):
        question_size, body_size = REQUEST.unpack(head)
        question = unpack(sys.stdin.buffer.read(question_size))
        outcome = question(sys.stdin.buffer.read(body_size))
        answer = pack(outcome._replace(value=b""))  # the asking process has the body
        del outcome
        answers.write(ANSWER.pack(len(answer)) + answer)
        answers.flush()


if __name__ == "__main__":
    main()
