"""Catalogues of GB/T 28181 platforms: cameras as the police network lists them, nothing secret."""
