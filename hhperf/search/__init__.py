"""The system under study: every stage once, and arms that differ in the order of stages.

It knows nothing of benchmarking: no logs, no runs, no statistics.
"""
