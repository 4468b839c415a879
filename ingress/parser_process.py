"""The other end of `ingress.parser`: reads bodies from stdin and writes to stdout what becomes of them."""

import gc
import pickle  # between processes of our own  # nosec B403
import signal
import struct
import sys
from dataclasses import replace
from typing import Final

REQUEST: Final = struct.Struct(">II")
"""How many bytes of question and of body follow."""
ANSWER: Final = struct.Struct(">I")
"""How many bytes of answer follow."""


def main() -> None:
    """Answer until stdin ends: with the process that asks, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the other one knows what is still to be done
    gc.disable()  # JSON has no cycles
    while head := sys.stdin.buffer.read(REQUEST.size):
        question_size, body_size = REQUEST.unpack(head)
        question = pickle.loads(sys.stdin.buffer.read(question_size))  # our own process  # noqa: S301  # nosec B301
        outcome = question(sys.stdin.buffer.read(body_size))
        answer = pickle.dumps(replace(outcome, value=b""))  # who asked has the body
        del outcome
        sys.stdout.buffer.write(ANSWER.pack(len(answer)) + answer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
