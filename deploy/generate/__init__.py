"""Manifests that are made from what the bridge itself knows: `python -m deploy.generate`."""
