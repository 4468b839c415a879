"""What processes of ours do with memory, files and threads, and over HTTP, without Kafka."""
