"""The bridge beside others that could do its work, in one run, on one broker: ``python -m tests.programs.bench.peers``.

A contender is whoever does the same work: the bridge's own services, Kafka Streams, Quix Streams, Faust, bare handlers.
A turn is one of them doing it once; a round is one turn of each. Turns are kept in ``results``, and
``docs/performance.md`` is made of those that are committed.
"""
