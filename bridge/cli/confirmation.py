"""What changes something in bulk asks first."""

import sys

import typer

from bridge.cli.output import fail


def confirm(command: str, *, yes: bool) -> None:
    """Return once somebody has agreed, `yes` from the start; exits 2 if not, or if there is nobody to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        fail(f"Without a terminal, `{command}` needs --yes.")
    if not typer.confirm("Do it?", err=True):
        fail("Nothing was done.")
