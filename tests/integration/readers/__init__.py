"""The public topics, read by clients and CloudEvents SDKs that the bridge does not use, just as they are installed."""
