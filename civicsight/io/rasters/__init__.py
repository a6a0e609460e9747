"""Rasters: ground, surface and canopy heights."""
