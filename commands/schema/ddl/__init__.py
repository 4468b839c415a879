"""`bridge schema ddl`: SQL tables for the topics of orders."""
