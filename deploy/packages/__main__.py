"""`python -m deploy.packages [python npm maven]`: builds these into dist/; by default, all whose tools are here."""

import sys

from bridge.printable import say
from deploy.local.environment import BrokenEnvironment
from deploy.packages import maven_package, npm_package, python_package
from deploy.packages.building import DIST

BUILDERS = {"python": python_package, "npm": npm_package, "maven": maven_package}


def main(arguments: list[str]) -> int:
    """Build. Exit code: 0 done, 2 wrong use, a build failed, or a requested package's tools are not here."""
    if unknown := set(arguments) - BUILDERS.keys():
        say(f"{', '.join(sorted(unknown))}: no package; there are {', '.join(BUILDERS)}.")
        return 2
    for name in arguments or BUILDERS:
        builder = BUILDERS[name]
        if lacking := builder.lacking():
            say(f"{name}: SKIPPED, {lacking}.")
            if arguments:
                return 2
            continue
        try:
            say(f"{name}: {builder.build(DIST)}")
        except BrokenEnvironment as error:
            say(str(error))
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
