"""Looking without code: what is asked of a run, what is shown of it, and a widget."""
