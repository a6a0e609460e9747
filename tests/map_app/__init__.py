"""A small app around the map alone, served to a browser by the tests of the map."""
