"""What lies in a bundle beside the wheels: how it is started, and what there is to read."""
