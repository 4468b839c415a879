"""`python -m bridge.cli`: the same as `bridge`."""

from bridge.cli import main

main()
