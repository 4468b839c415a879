"""Exactly-once processing of Kafka partitions by Faust agents: one chunk, one transaction.

Knows nothing of NewStore. Everything that reaches into Faust or aiokafka internals is in ``overrides``.
"""
