"""From a run, a sweep or a file of latencies to savings, gates and verdicts."""
