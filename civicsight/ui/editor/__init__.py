"""The editor of the plan map: the state of one person, what the map shows of it, and its forms."""
