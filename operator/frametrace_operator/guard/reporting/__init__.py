"""Reporting: what people are told: the report of a rollback, and the Events. Pure."""
