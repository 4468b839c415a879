"""`newstore-events` for Java: classes made by jsonschema2pojo, and a reader of records."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

from commands.schema.publish.reader_profile import pascal
from deploy.packages.building import READER, copied, lacking_of, run
from schemas.models import EVENT_MODELS
from schemas.version import SCHEMAS_VERSION

_PACKAGE: Final = "newstorebridge.events"


def lacking() -> str | None:
    """Which tools are not on this machine; None if all are."""
    return lacking_of("java", "mvn")


def build(dist: Path) -> Path:
    """Build and return the jar; its POM is beside it."""
    folder = copied("maven")
    pom = folder / "pom.xml"
    pom.write_text(pom.read_text(encoding="utf-8").replace("VERSION<", f"{SCHEMAS_VERSION}<"), encoding="utf-8")
    (folder / "schema").mkdir()
    (folder / "schema" / "types.json").write_text(json.dumps(_types()), encoding="utf-8")
    (folder / "src/main/java" / _PACKAGE.replace(".", "/") / "EventTypes.java").write_text(_by_name(), encoding="utf-8")
    resources = folder / "src/main/resources/newstorebridge/events/schemas"
    shutil.copytree(READER, resources, ignore=shutil.ignore_patterns("asyncapi.json"))
    run(["mvn", "-q", "-B", "package"], folder)
    dist.mkdir(exist_ok=True)
    shutil.copy(pom, dist / f"newstore-events-{SCHEMAS_VERSION}.pom")
    return Path(shutil.copy(folder / "target" / f"newstore-events-{SCHEMAS_VERSION}.jar", dist))


def _types() -> dict[str, Any]:
    """The schemas, in which all events have one Java interface."""
    whole: dict[str, Any] = json.loads((READER / "types.json").read_text(encoding="utf-8"))
    for name in ("envelope", *EVENT_MODELS):
        whole["$defs"][pascal(name)]["javaInterfaces"] = [f"{_PACKAGE}.Event"]
    return whole


def _by_name() -> str:
    entries = ",\n".join(f'                    Map.entry("{name}", {pascal(name)}.class)' for name in EVENT_MODELS)
    return _BY_NAME.replace("ENTRIES", entries)


_BY_NAME: Final = f"""package {_PACKAGE};

import java.util.Map;

/** The class of each event that NewStore documents. */
public final class EventTypes {{
    /** By event name. */
    public static final Map<String, Class<? extends Event>> BY_NAME =
            Map.ofEntries(
ENTRIES);

    private EventTypes() {{}}
}}
"""
