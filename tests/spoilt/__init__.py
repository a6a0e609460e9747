"""Files that a stranger might hand over, made by the hundred, and what reading them costs."""
