"""What became of a delivery: from the raw record to its order, asked of a worker, else looked up in the topics."""
