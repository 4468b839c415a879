"""Makes an order's document (`schemas.order_state`) from its slots, anew each time one is written."""
