"""Everything that depends on internals of Faust or aiokafka, whose versions are pinned for it.

Each override says why it exists; ``tests/contract/test_engine_assumptions.py`` fails when a pinned version
stops behaving as assumed.
"""
