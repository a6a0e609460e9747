"""The catalogue of bad inputs: each case made afresh, tried through Python and command line."""
