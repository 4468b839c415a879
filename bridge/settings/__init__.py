"""The settings of every process, read from the environment."""

from bridge.settings.settings import Settings, load_settings

__all__ = ["Settings", "load_settings"]
