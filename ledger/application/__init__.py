"""The one door for writing: load, decide, sign or check the signature, append."""
