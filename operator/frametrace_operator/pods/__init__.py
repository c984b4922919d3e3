"""The seam to the runtime's processes: their ledgers, read over HTTP from the pods' addresses."""
