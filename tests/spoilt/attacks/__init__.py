"""Attacks by what they attack: each module has its `CASES`."""
