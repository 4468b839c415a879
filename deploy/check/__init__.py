"""Checks manifests without a cluster: `python -m deploy.check [FOLDER…]`, also for users' overlays."""
