"""`bridge doctor`: whether this deployment can work, and what to do where it cannot."""
