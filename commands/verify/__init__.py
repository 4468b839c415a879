"""Recomputes from the topics alone what must become of each raw record, and compares that with what the topics hold.

This shares no code with what it checks, except the schemas (keys, hashes and routing), and the key by which a changelog
says that an order is gone.
"""
