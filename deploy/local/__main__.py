"""`python -m deploy.local demo|run`: what `make demo` and `make run` do."""

import signal
import sys
from contextlib import nullcontext
from functools import partial
from types import FrameType
from typing import NoReturn

from bridge.printable import say
from bridge.settings import load_settings
from commands.terminal.output import InertConsole
from deploy.local.demo import demo
from deploy.local.environment import BrokenEnvironment
from deploy.local.home import RUN, Home
from deploy.local.run import keep_up
from deploy.local.stack import Stack

COMMANDS = {"demo": demo, "run": keep_up}


def main(arguments: list[str]) -> int:
    """Run a command within a stack. Exit code: 0 done, 1 the demo found a problem, 2 wrong use, or this machine
    lacks something, 130 interrupted."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        say(f"Say one of: {', '.join(COMMANDS)}")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # then clean up as after Ctrl-C
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not under nohup
        signal.signal(signal.SIGHUP, _end_once)
    console = InertConsole()
    try:
        home = Home(RUN) if arguments == ["run"] else None
        say_dimly = partial(console.print, style="dim")
        with home.held() if home else nullcontext(), Stack(say_dimly, home) as stack:
            return COMMANDS[arguments[0]](console, stack, load_settings())
    except BrokenEnvironment as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        return 130


def _end_once(number: int, frame: FrameType | None) -> NoReturn:
    """End when the terminal closes. Both kernel and shell send the signal; the second must not stop the clean-up."""
    signal.signal(number, signal.SIG_IGN)
    signal.default_int_handler(number, frame)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
