"""The system under study: a candidate search whose stages can run in several orders.

It knows nothing of benchmarking: no logs, no runs, no statistics.
"""
