"""What to build, and whether it may be built: rules and a plan, article by article."""
