"""The version that the published schemas and packages share."""

from typing import Final

SCHEMAS_VERSION: Final = "1.0.0"
"""Semantic: major if readers that use the old schemas would break, minor if something was added, patch if only words
changed."""
