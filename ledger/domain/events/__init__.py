"""The vocabulary: one file a family, every event type with its version, fields, streams, roles and rules."""
