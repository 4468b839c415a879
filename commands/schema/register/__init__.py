"""`bridge schema register`: the schemas in a registry that speaks Confluent's API."""
