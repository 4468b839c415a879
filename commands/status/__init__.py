"""`bridge status`: how a deployment is, on one screen."""
