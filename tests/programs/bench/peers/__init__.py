"""The bridge beside others that could do its work, in one run, on one broker: `python -m tests.programs.bench.peers`.

A contender does this work: the bridge's own services, Kafka Streams, Quix Streams, Faust, bare handlers. In a turn one
contender does it once; a round has one turn of each. `results` keeps turns, and `docs/performance.md` is made of the
committed ones.
"""
