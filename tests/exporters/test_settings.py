"""The specification lists every setting with its default and what it may be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import schemas
from ledger.records import load_law
from schemas import files

if TYPE_CHECKING:
    from ledger.domain.settings import Setting

README = (Path(schemas.__file__).parent / "README.md").read_text(encoding="utf-8")


def may_be(setting: Setting) -> str:
    """Return what the specification says that a setting may be."""
    if setting.form is not None:
        return "an SHA-256"
    words = [f"`{value}`" for value in setting.allowed]
    bounds = [] if setting.least is None else [f"{setting.least} to {setting.most}"]
    return ", ".join(words + bounds)


def test_the_specification_lists_every_setting() -> None:
    told = re.findall(
        r"^\| `([a-z_.-]+)` \| `([a-z0-9-]+)` \| (.+?) \| .+ \|$", README, re.MULTILINE
    )
    expected = [(one.setting, one.default, may_be(one)) for one in load_law().settings]
    assert [row for row in told if row in expected] == expected


def test_a_default_that_the_table_of_law_gives_too_is_the_same() -> None:
    defaults = {one.setting: one.default for one in load_law().settings}
    given = {row["rule"]: row["value"] for row in files.code_rows("law") if row["rule"] in defaults}
    assert given == {name: defaults[name] for name in given}
