"""Proof from topics alone: what they hold, compared with what the sender knows it sent.

Shares no code and no decision with the bridge. Names, headers and rules are written here once more, from the
contract; which deliveries are the same event is what their sender says (``meaning``), never recomputed.
"""
