"""The real components that a search runs on: embedded (managed by hhperf) or external (yours)."""
