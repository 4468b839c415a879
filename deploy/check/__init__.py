"""What can be known of manifests without a cluster: `python -m deploy.check [FOLDER…]`, also for overlays of your own."""
