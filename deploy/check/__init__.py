"""What can be known of manifests without a cluster: `python -m deploy.check [FOLDER…]`, for overlays of users, too."""
