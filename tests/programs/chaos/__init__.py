"""Everything at once that can go wrong, over and over: real processes under load, hit where it hurts, then checked.

``python -m tests.programs.chaos`` (``make chaos``). What is checked, and how, is ``tests/programs/checker``.
"""
