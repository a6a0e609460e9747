"""Files that planners send to the app: they wait for their turn, are read apart, and are gone."""
