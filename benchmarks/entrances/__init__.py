"""How well gates are found that no map shows: learned and judged on doors that a map does show."""
