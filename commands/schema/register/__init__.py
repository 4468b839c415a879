"""`bridge schema register`: register the schemas in a registry with Confluent's API."""
