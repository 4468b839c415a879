"""Topic and group names, as the contract has them."""

RAW, CONFLICTS, QUARANTINE, ORDER_STATE, ORDERS = "raw", "conflicts", "quarantine", "order-state", "orders"
CLEANED = (ORDERS, "inventory", "customers", "employees", "cash-drawers", "gift-cards", "unknown")
DATASETS = (RAW, *CLEANED, CONFLICTS, QUARANTINE, ORDER_STATE)


class Names:
    """Names under one topic prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.group = f"{prefix}.bridge.v1"

    def topic(self, dataset: str) -> str:
        """The topic of a dataset."""
        return f"{self._prefix}.{dataset}.v1"
