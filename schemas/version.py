"""The version of what readers are given: schemas and packages have the same."""

from typing import Final

SCHEMAS_VERSION: Final = "1.0.0"
"""Semantic: major if a reader by the old schemas would break, minor if there is more, patch if only words changed."""
