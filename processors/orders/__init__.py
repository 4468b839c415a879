"""Order state: what an order's events amount to, whatever order they arrive in."""
