"""The command line as a module: `python -m api.cli`, where the script `pista` is not installed."""

from __future__ import annotations

from api.cli.main import main

main()
