"""Traces of a team's own service: read, understood, and runs written as such."""
