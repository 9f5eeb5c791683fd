"""EXPORT and CHECK: read only; the same input gives the same bytes."""
