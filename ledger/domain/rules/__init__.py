"""Refusals and findings, each with its code, its sentence and its source in law."""
