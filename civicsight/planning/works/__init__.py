"""What is done with each camera: measures, specification, works of others, progress, acceptance."""
