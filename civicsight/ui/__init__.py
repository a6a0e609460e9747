"""The app: a map and its lists in a browser, for whoever plans, reviews, approves or audits."""
