"""Benchmarks are no tests: pytest collects nothing here (`make bench` runs them)."""

collect_ignore_glob = ["*.py"]
