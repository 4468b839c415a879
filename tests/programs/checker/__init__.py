"""Checks a run by its topics alone: compares what they hold with what the sender knows it sent.

Shares no code and no decision with the bridge: names, headers and rules are written here again, from the contract. The
sender says which deliveries are the same event (`meaning`); the checker never recomputes that.
"""
