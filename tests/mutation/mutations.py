"""The mutations of a configuration, as cosmic-ray finds and filters them, in the order of the files.

    ledger/domain/rules/acts.py:192:11 core/ReplaceComparisonOperator_Eq_NotEq 3

Each is one change of one place: what it makes of the source is told by `mutated`, and shown by `diff`.
"""

from __future__ import annotations

import difflib
import tempfile
import tomllib
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cosmic_ray.commands
import cosmic_ray.modules
import cosmic_ray.plugins
from cosmic_ray.config import load_config
from cosmic_ray.mutating import mutate_code
from cosmic_ray.tools.filters.operators_filter import OperatorsFilter
from cosmic_ray.work_db import use_db


@dataclass(frozen=True, order=True)
class Mutation:
    """One change: where it begins and ends, and the how manieth of its operator it is in its file."""

    path: str
    line: int
    column: int
    operator: str
    occurrence: int
    end_line: int
    args: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """Return what names it, in its version of the file."""
        return f"{self.path}:{self.line}:{self.column} {self.operator} {self.occurrence}"


@dataclass(frozen=True)
class Plan:
    """What a configuration says beside the mutations.

    `mutated` is the folder of the rules, `tests` the paths that count and `left_out` those of them that do
    not, which can only let more survive; nothing in a line of `not_rules` is changed. A verdict rests on
    what is `watched`. A test that costs nothing may still cost `least_seconds` of
    processor time, and so many of a hundred mutations are to be killed.
    """

    config: Path
    mutated: str
    tests: tuple[str, ...]
    left_out: tuple[str, ...]
    not_rules: tuple[str, ...]
    watched: tuple[str, ...]
    least_seconds: float
    killed_percent: int


def read_plan(config: Path) -> Plan:
    """Return the table `trials` of a configuration."""
    said = tomllib.loads(config.read_text(encoding="utf-8"))
    table = said["trials"]
    return Plan(
        config=config,
        mutated=said["cosmic-ray"]["module-path"],
        tests=tuple(table["tests"]),
        left_out=tuple(table["left-out"]),
        not_rules=tuple(table["not-rules"]),
        watched=tuple(table["watched"]),
        least_seconds=table["least-seconds"],
        killed_percent=table["killed-percent"],
    )


def read_mutations(plan: Plan) -> list[Mutation]:
    """Return the mutations of a configuration that its filters leave, in order."""
    config = plan.config
    said = load_config(str(config))
    paths = cosmic_ray.modules.find_modules([Path(said["module-path"])])
    modules = cosmic_ray.modules.filter_paths(paths, said.get("excluded-modules", ()))
    with (
        tempfile.TemporaryDirectory() as folder,
        use_db(str(Path(folder) / "session.sqlite")) as database,
    ):
        cosmic_ray.commands.init(modules, database, said.operators_config)
        OperatorsFilter().filter(database, Namespace(config=str(config)))
        specs = [one for item in database.pending_work_items for one in item.mutations]
    found = [
        Mutation(
            path=Path(one.module_path).as_posix(),
            line=one.start_pos[0],
            column=one.start_pos[1],
            operator=one.operator_name,
            occurrence=one.occurrence,
            end_line=one.end_pos[0],
            args=one.operator_args,
        )
        for one in specs
    ]
    lines = {path: Path(path).read_text("utf-8").splitlines() for path in {m.path for m in found}}
    return sorted(m for m in found if lines[m.path][m.line - 1].strip() not in plan.not_rules)


def mutated(mutation: Mutation, source: str) -> str:
    """Return the source of the file with the change.

    Raises:
        ValueError: when the file has no such place.
    """
    operator = cosmic_ray.plugins.get_operator(mutation.operator)(**mutation.args)
    changed = mutate_code(source, operator, mutation.occurrence)
    if changed is None:
        message = f"no such place: {mutation.name}"
        raise ValueError(message)
    return changed


def diff(mutation: Mutation, source: str) -> str:
    """Return the lines that the change takes and gives, with one line around them."""
    before, after = (text.splitlines() for text in (source, mutated(mutation, source)))
    lines = difflib.unified_diff(before, after, lineterm="", n=1)
    return "\n".join(list(lines)[3:])
