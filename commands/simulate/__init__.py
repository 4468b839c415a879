"""A sender that behaves as NewStore's event stream does: what it sends is pure and seeded, how it sends is apart."""
