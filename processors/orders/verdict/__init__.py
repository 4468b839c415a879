"""How an order is, said for people in words that terminal and console share. Pure: from `OrderState` alone."""
