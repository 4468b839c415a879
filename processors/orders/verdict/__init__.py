"""How an order is, said for people: the words that terminal and console share. Pure: from `OrderState` alone."""
