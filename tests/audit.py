"""Known vulnerabilities of what is shipped, by pip-audit: `python -m tests.audit`. Exit 1 if there are any.

If no database can be asked, it says that nothing is known. pip-audit itself would say "no known vulnerabilities".
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

LOCKED: Final = Path(__file__).parents[1] / "requirements" / "runtime.txt"


def main() -> int:
    """Ask and print; return the exit code."""
    lines, exit_code = verdict(_report())
    print("\n".join(lines))
    return exit_code


def verdict(report: dict[str, Any] | None) -> tuple[list[str], int]:
    """What to say of pip-audit's report (None: there is none), and the exit code."""
    packages = report["dependencies"] if report else []
    unknown = sorted(package["name"] for package in packages if "skip_reason" in package)
    if len(unknown) == len(packages):
        return ["Dependency audit: SKIPPED, no database of vulnerabilities can be asked."], 0
    found = [_sentence(package, each) for package in packages for each in package.get("vulns", ())]
    skipped = f"; SKIPPED {', '.join(unknown)}" if unknown else ""
    said = f"Dependency audit: {len(packages) - len(unknown)} packages, {len(found)} vulnerabilities{skipped}."
    return [*found, said], int(bool(found))


def _sentence(package: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    remedy = ", ".join(vulnerability["fix_versions"]) or "no version"
    return f"{package['name']} {package['version']}: {vulnerability['id']}, mended in {remedy}"


def _report() -> dict[str, Any] | None:
    program = str(Path(sys.executable).with_name("pip-audit"))
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--timeout", "5", "-f", "json"]
    done = subprocess.run([program, "-r", str(LOCKED), *options], capture_output=True, text=True, check=False)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        print(done.stderr.splitlines()[-1] if done.stderr else "pip-audit says nothing", file=sys.stderr)
        return None
    return report


if __name__ == "__main__":
    sys.exit(main())
