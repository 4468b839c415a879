"""Duplicates dropped, conflicts kept: what becomes of each raw record."""
