"""What processes of ours do with memory, files and threads, without Kafka."""
