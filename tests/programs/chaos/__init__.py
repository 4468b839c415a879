"""Real processes under load, hit by one fault after another, then checked.

`python -m tests.programs.chaos` (`make chaos`) carries out runs; `tests/programs/checker` checks them.
"""
