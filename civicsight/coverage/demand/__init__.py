"""From mandatory places to what has to be seen: parts, and the samples that stand for them."""
