"""What became of each raw record, recomputed from the topics alone and compared with what the topics hold.

Nothing here is shared with the code that it checks, but for the schemas (keys, hashes and routing), and by which key a
changelog says that an order is gone.
"""
