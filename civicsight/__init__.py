"""What a city's public-safety cameras really see, compared with what the law demands."""
