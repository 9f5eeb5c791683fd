"""SIGN: bytes in, proof out; nothing here knows what the bytes mean."""
