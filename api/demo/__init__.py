"""The demonstration: the story of one intervention, its documents, and the run that records it."""
