"""What teams that read the topics are given: JSON Schemas, AsyncAPI, a page for each topic, and what may change."""
