"""`python -m bridge.cli`: the same as `bridge`."""

from commands import main

main()
