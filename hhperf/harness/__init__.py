"""Replays a plan against targets and records what came of it."""
