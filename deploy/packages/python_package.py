"""`newstore-events` for Python: the models themselves, under their own name, without the rest of the service."""

import re
import sys
from pathlib import Path
from typing import Final

import schemas
from deploy.packages.building import copied, run
from schemas.models import EVENT_MODELS
from schemas.version import SCHEMAS_VERSION

_NAME: Final = "newstore_events"
_SOURCE: Final = Path(schemas.__file__).parent
_PARTS: Final = ("models", "order_state", "order_line.py", "date_time.py", "json_structure.py", "money.py")
_OURS: Final = re.compile(r"\bschemas(?=\.| import)")


def lacking() -> None:
    """None: the locked dependencies include the build tool."""


def build(dist: Path) -> Path:
    """Build and return the wheel."""
    folder = copied("python")
    package = folder / _NAME
    for file in _modules():
        copy = package / file.relative_to(_SOURCE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(_OURS.sub(_NAME, file.read_text(encoding="utf-8")), encoding="utf-8")
    (package / "__init__.py").write_text(_front(), encoding="utf-8")
    (package / "py.typed").touch()
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)], folder)
    return dist / f"{_NAME}-{SCHEMAS_VERSION}-py3-none-any.whl"


def _modules() -> list[Path]:
    found = []
    for part in _PARTS:
        path = _SOURCE / part
        found += sorted(path.glob("*.py")) if path.is_dir() else [path]
    return found


def _front() -> str:
    """The package's `__init__`, from which a reader imports everything."""
    models = [f"from {_OURS.sub(_NAME, model.__module__)} import {model.__name__}" for model in EVENT_MODELS.values()]
    names = [*(model.__name__ for model in EVENT_MODELS.values()), *_NAMES]
    listed = "".join(f'    "{name}",\n' for name in sorted(names))
    return _FRONT.format(version=SCHEMAS_VERSION, imports="\n".join(sorted(models)), names=listed)


_NAMES: Final = (
    "EVENT_MODELS",
    "EventModel",
    "OrderLine",
    "OrderState",
    "OtherEvent",
    "parse",
    "parse_order_line",
    "parse_order_state",
)

_FRONT: Final = '''"""NewStore's events and orders' states, as the topics of the NewStore-to-Kafka bridge have them."""

from newstore_events.models import EVENT_MODELS, EventModel, OtherEvent, parse
{imports}
from newstore_events.order_line import OrderLine
from newstore_events.order_state import OrderState

__version__ = "{version}"
__all__ = [
{names}]


def parse_order_state(value: bytes) -> OrderState:
    """Read the value of a record of the order-state topic; ValueError if it is none."""
    return OrderState.model_validate_json(value)


def parse_order_line(value: bytes) -> OrderLine:
    """Read the value of a record of the topic of order lines; ValueError if it is none."""
    return OrderLine.model_validate_json(value)
'''
