"""Reference pages that are made from the code that they describe."""
