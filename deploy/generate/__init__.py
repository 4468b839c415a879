"""Makes manifests from what the bridge itself knows: `python -m deploy.generate`."""
