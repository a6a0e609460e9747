"""Duplicate construction: what each camera adds, who replaces it, what need not be built."""
