"""Query logs of other kinds: a module for each, and one that puts them together."""
