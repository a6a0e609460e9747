"""What other programs read of a project: OGC API Features and Tiles, by token, and nothing else."""
