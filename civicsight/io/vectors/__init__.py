"""Vector files: features with shapes, and buildings out of them."""
