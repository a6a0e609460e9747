"""Which candidates are chosen: the cheapest plan, what a budget buys, and what else there is."""
