"""When it is done: money and floors by year, the year of each measure, what is covered by then."""
