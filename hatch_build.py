"""Compiles what has a twin in Python, where there is a C compiler: without one all works, and needs more CPU."""

from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES: Final = (Path("bridge/kafka/murmur2.pyx"), Path("processors/engine/records/compiled.pyx"))


class Compiled(BuildHookInterface[Any]):
    """Makes the extensions beside their sources, and the wheel one of this platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds; ``version`` is "editable" for a development set-up."""
        if (problem := compile_in_place(Path(self.root))) is not None:
            self.app.display_warning(f"nothing is compiled, the bridge will need more CPU: {problem}")
        elif version != "editable":
            build_data.update(pure_python=False, infer_tag=True)


def compile_in_place(root: Path) -> Exception | None:
    """What it failed for, if it did: there is no compiler, or Python's headers are not there."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.errors import CCompilerError, ExecError, PlatformError

    build = str(root / ".local" / "build")
    extensions = [
        Extension(".".join(source.with_suffix("").parts), [str(root / source)], extra_compile_args=["-g0"])
        for source in SOURCES
    ]
    modules = cythonize(extensions, build_dir=build, quiet=True, language_level=3)
    command = Distribution({"ext_modules": modules}).get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(root), build
    command.ensure_finalized()
    problem: Exception | None = None
    try:
        command.run()
    except (CCompilerError, ExecError, PlatformError) as error:
        problem = error
        for extension in extensions:  # one that was compiled from sources of before is no twin of these
            Path(command.get_ext_fullpath(extension.name)).unlink(missing_ok=True)
    return problem
