"""What other programs read of a project: OGC API Features and Tiles, by token, and nothing else."""

from typing import Final

PATH: Final = "/ogc"
"""Below which path of the app; behind it stands the code of a project."""
