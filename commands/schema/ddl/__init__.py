"""`bridge schema ddl`: tables for what is in the topics of orders."""
