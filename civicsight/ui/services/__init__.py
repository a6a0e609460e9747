"""What the pages ask for, free of any page: it runs and is tested without a server."""
