"""Frametrace."""
