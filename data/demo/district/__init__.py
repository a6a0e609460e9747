"""The made district: drawn, furnished with cameras, proved and written down."""
