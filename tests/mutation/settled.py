"""How pytest and Hypothesis run here: the same examples each time, however slow the machine is.

No example is kept or made smaller, and none fails for the time it takes: a change is killed by what the
tests assert, never by what else runs on the machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.mutation.mutations import Plan

QUIET = ("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:xdist", "--capture=no")
FAST = ("--assert=plain",)


def run_pytest(plan: Plan, paths: Iterable[str], plugin: object) -> int:
    """Run the tests of some paths under a plugin; return the exit code of pytest."""
    settings.register_profile(
        "mutation",
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutation")
    left_out = [f"--{'deselect' if '::' in one else 'ignore'}={one}" for one in plan.left_out]
    return int(pytest.main([*QUIET, *FAST, *left_out, *paths], plugins=[plugin]))
