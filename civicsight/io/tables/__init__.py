"""Tables of text: inventories and registers out of CSV files, workbooks and attribute tables."""
