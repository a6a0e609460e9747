"""What things cost: sums as people write them, the price table, and terms beside the works."""
