"""Gates that no map shows: where they may be, and how likely each is to be one."""
