"""Erases what the bridge keeps of an order or a customer, and lists what it cannot erase, and until when that stays."""
