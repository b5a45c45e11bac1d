"""What is compared, and a whole experiment in one call."""
