"""APPEND: one ordered list; nothing is changed, nothing is removed."""
