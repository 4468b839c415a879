"""A sender that behaves like NewStore's event stream. What it sends is pure and seeded, apart from how it sends."""
