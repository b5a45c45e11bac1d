"""Who is searched: seeded, streamed candidate profiles made from real vocabulary."""
