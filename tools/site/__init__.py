"""The documentation site: written pages, what the product says of itself, and notebooks."""
