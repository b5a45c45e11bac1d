"""Spans to a collector while something runs, where one is named."""
