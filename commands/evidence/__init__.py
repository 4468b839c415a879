"""Records kept aside in conflicts and quarantine: show them, and publish them again through raw."""
