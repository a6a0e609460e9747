"""From records to heads: off the walls, and read three ways."""
