"""Registers: districts, private places, signs, projects, obstacles, and classes of places."""
