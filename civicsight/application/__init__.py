"""What a planner does with a project and its plans, whether at a page or at the terminal."""
