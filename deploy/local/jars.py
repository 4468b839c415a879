"""The jars of Kafka and of other POMs. Maven fetches them once; they stay in the project's `.local/`."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.local.environment import BrokenEnvironment, maven

POM = Path(__file__).with_name("pom.xml")
CACHE = Path(__file__).resolve().parents[2] / ".local" / "kafka"


def jars(cache: Path = CACHE, pom: Path = POM) -> Path:
    """Return the directory with the jars of a POM, by default Kafka's. BrokenEnvironment: they cannot be fetched."""
    directory = cache / f"jars-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if not directory.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _fetch(directory, pom)
    return directory


def _fetch(directory: Path, pom: Path) -> None:
    # Fetch beside the place, then rename: so the directory is always complete, even if two processes fetch at once.
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=directory.parent) as scratch:
        fetched = Path(scratch) / "jars"
        _copy_dependencies(fetched, pom)
        try:
            fetched.rename(directory)
        except OSError:
            if not directory.is_dir():
                raise


def _copy_dependencies(into: Path, source: Path) -> None:
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={into}"]
    # A copy of the POM, because Maven writes beside the POM that it reads.
    pom = shutil.copy(source, into.parent / "pom.xml")
    run = subprocess.run([maven(), "-B", "-q", "-f", str(pom), *goal], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        errors = [line for line in run.stdout.splitlines() if "[ERROR]" in line]
        said = errors[0].partition("[ERROR]")[2].strip() if errors else run.stderr.strip()[-300:]
        raise BrokenEnvironment(f"Maven could not fetch the jars: {said.rstrip('.')}.")
