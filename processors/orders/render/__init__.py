"""Documents from slots: whatever `schemas.order_state` describes, derived anew each time one is written."""
