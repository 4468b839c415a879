"""What was kept aside, in conflicts and in quarantine: looked at, and published again through raw."""
