"""Erasing what the bridge keeps of an order or a customer, and saying what it cannot erase, and until when."""
