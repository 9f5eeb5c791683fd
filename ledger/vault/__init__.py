"""KEEP: documents and personal data, encrypted, by salted commitment, erasable."""
