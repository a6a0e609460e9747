"""A package of somebody else, which adds a row to each registry of civicsight."""
