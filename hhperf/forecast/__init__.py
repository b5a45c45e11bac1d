"""What else would save: predictions from a recorded run of the control alone."""
