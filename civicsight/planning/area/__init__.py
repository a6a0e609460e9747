"""Of which part of a city a plan is: its districts, and what is asked for in them."""
