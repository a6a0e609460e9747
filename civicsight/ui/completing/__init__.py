"""The panels of the page that completes the data: what is asked, and what an answer does."""
