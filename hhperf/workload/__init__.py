"""What is asked and when: query logs are read, checked and made here, purely and seeded."""
