"""The first page: what this worker does, and which orders wait for somebody."""
