"""Writes the chart's generated files."""
