"""What became of a delivery, from the raw record to its order: asked of a worker, otherwise read from the topics."""
