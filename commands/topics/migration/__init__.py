"""Moving a deployment to other rules: its tables are rebuilt from the raw topic, in place."""
