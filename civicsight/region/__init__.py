"""Regions of many counties: cut into parts, checked apart, exactly as one machine says."""
