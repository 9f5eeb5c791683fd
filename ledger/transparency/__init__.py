"""WITNESS: what others need to judge the log, and what they say of it; bytes only, no network here."""
