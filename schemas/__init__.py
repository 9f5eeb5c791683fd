"""THE FORMAT: JSON Schema, XSD 1.0 and code lists, with their specification in README.md."""
