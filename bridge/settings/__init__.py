"""The settings of every process, read from the environment."""

from bridge.settings.loading import load_settings, try_settings, undocumented_events, unknown_settings
from bridge.settings.settings import Settings

__all__ = ["Settings", "load_settings", "try_settings", "undocumented_events", "unknown_settings"]
