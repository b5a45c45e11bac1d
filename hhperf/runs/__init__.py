"""What was recorded: observations and metadata on disk, written as they come, read as arrays."""
