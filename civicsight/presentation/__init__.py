"""How things are called and drawn wherever a person reads: names, words, symbols, numbers."""
