"""PROJECT: current state; always rebuildable from the journal."""
