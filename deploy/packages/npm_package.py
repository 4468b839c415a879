"""`newstore-events` for Node and TypeScript: types made by quicktype, the JSON Schemas, and a reader of both."""

import json
import shutil
from pathlib import Path
from typing import Final

from commands.schema.publish.reader_profile import pascal
from deploy.packages.building import READER, copied, lacking_of, run
from schemas.models import EVENT_MODELS
from schemas.version import SCHEMAS_VERSION

_LOCK: Final = "package-lock.json"
INSTALLED: Final = "node_modules"


def lacking() -> str | None:
    """Which tools are not on this machine; None if all are."""
    return lacking_of("node", "npm")


def build(dist: Path) -> Path:
    """Build and return the tarball."""
    folder = copied("npm", keep=[INSTALLED])
    install(folder)
    shutil.copytree(READER, folder / "schemas", ignore=shutil.ignore_patterns("asyncapi.json"))
    types = folder / "index.d.ts"
    quicktype = ["--just-types", "--src-lang", "schema", "--lang", "ts", "--top-level", "NewstoreTypes"]
    run(["node_modules/.bin/quicktype", *quicktype, "--out", types, "schemas/types.json"], folder)
    types.write_text(types.read_text(encoding="utf-8") + _declarations(), encoding="utf-8")
    package = folder / "package.json"
    package.write_text(json.dumps(json.loads(package.read_text()) | {"version": SCHEMAS_VERSION}, indent=2))
    dist.mkdir(exist_ok=True)
    run(["npm", "pack", "--silent", "--pack-destination", dist], folder)
    return dist / f"newstore-events-{SCHEMAS_VERSION}.tgz"


def install(folder: Path) -> None:
    """Install what a folder's lock file names, unless the last build has done it."""
    mark, lock = folder / INSTALLED / ".lock", (folder / _LOCK).read_bytes()
    if not mark.exists() or mark.read_bytes() != lock:
        run(["npm", "ci", "--silent"], folder)
        mark.write_bytes(lock)


def _declarations() -> str:
    """The types of what index.js exports."""
    names = "".join(f'    "{name}": {pascal(name)};\n' for name in EVENT_MODELS)
    return _DECLARATIONS.replace("NAMES\n", names)


_DECLARATIONS: Final = """
/** The events that NewStore documents, by name. */
export interface EventsByName {
NAMES
}

export type KnownEvent = EventsByName[keyof EventsByName];

/** The names that NewStore documents. */
export const eventNames: (keyof EventsByName)[];

/** All types as one JSON Schema; each alone is in `schemas/`. */
export const schema: object;

/** Whether it is one of the events that NewStore documents; then its `name` tells which. */
export function isKnown(event: KnownEvent | Envelope): event is KnownEvent;

/** Read the value of a record of any topic of events. Throws if it is none. */
export function parseEvent(value: string | Uint8Array): KnownEvent | Envelope;

/** Read the value of a record of the order-state topic. Throws if it is none. */
export function parseOrderState(value: string | Uint8Array): OrderState;

/** Read the value of a record of the topic of order lines. Throws if it is none. */
export function parseOrderLine(value: string | Uint8Array): OrderLine;
"""
