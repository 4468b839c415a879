"""`python -m commands`: the same as `bridge`."""

from commands import main

main()
