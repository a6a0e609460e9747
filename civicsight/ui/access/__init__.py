"""Who sits before the screen: sign-in, local accounts, and the roles of the store."""
