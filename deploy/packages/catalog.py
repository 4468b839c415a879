"""`python -m deploy.packages.catalog`: the AsyncAPI document as static pages with search, in dist/catalog."""

import shutil
import sys
from pathlib import Path
from typing import Final

from bridge.printable import say
from deploy.local.environment import BrokenEnvironment
from deploy.packages.building import DIST, PROJECT, READER, copied, lacking_of, run
from deploy.packages.npm_package import INSTALLED, install

_GENERATED: Final = PROJECT / "schemas" / "generated"


def main() -> int:
    """Build the pages. Exit code: 0 done, 2 a tool is not here, or failed."""
    if lacking := lacking_of("node", "npm"):
        say(f"The catalogue cannot be built: {lacking}.")
        return 2
    try:
        site = build(DIST / "catalog")
    except BrokenEnvironment as error:
        say(str(error))
        return 2
    say(f"{site}: to look at it with its search, `python3 -m http.server -d {site}`.")
    return 0


def build(site: Path) -> Path:
    """Build and return the folder of pages. Schemas and data contracts are in it, too."""
    folder = copied("catalog", keep=[INSTALLED])
    install(folder)
    if site.exists():
        shutil.rmtree(site)
    run(["node", "build.js", str(READER / "asyncapi.json"), str(site)], folder)
    shutil.copytree(_GENERATED, site / "schemas")
    return site


if __name__ == "__main__":
    sys.exit(main())
