"""Private places as geometry: their facades, who looks into them, and what would end it."""
