"""Cameras as optics: frames, pixel density, ladders of quality, footprints and rigs."""
