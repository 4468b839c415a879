"""What teams that read the topics get: JSON Schemas, AsyncAPI, a page for each topic, and what may change."""
