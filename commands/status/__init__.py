"""`bridge status`: the state of a deployment on one screen."""
