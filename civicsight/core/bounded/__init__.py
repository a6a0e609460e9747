"""What a file holds, measured before a library decodes it: depth, length and size have bounds."""
