"""What is installed: the console's templates and files, too, which no module imports."""

from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "processors" / "worker" / "console"


def test_the_wheel_has_everything_that_the_console_serves() -> None:
    shipped = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    needed = {path for folder in ("templates", "static") for path in (CONSOLE / folder).iterdir()}
    assert len(needed) > 10
    assert {str(path.relative_to(ROOT)) for path in needed} <= shipped
