"""What rules read of a city and its papers, what they say of it, and what that amounts to."""
