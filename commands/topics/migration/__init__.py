"""Moving a deployment to other rules: the tables are rebuilt from the raw topic, in place."""
