"""`bridge doctor`: check whether this deployment can work, and say how to repair it."""
