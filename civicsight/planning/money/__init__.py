"""The money of a plan: budgets by year, its bill, who pays for what, and leases."""
