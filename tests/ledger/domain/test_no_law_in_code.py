"""Law is data: what may change by law stands in `schemas/codes/` and not in the domain. Source: D13.

The numbers that the code of the domain has are listed here with their reason: the form of codes, limits
of the format, arithmetic. A number of days, an amount, a percentage or a year of the law is none of
these: it is a row with its days and its source. Places in a text (`code[3:]`) are not counted.
"""

from __future__ import annotations

import ast
import importlib
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ledger.domain as package
from ledger.domain.events.catalogue import event_types
from ledger.domain.rules.finding import declared_findings
from ledger.domain.rules.refusal import declared_rules
from ledger.records import load_law

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(package.__path__[0])
FILES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py"))
FREE = {0, 1}
LAW = load_law()
NUMBERS: dict[str, tuple[set[int], str]] = {
    "act_keys.py": ({4, 96}, "parts and longest form of the key of an act"),
    "acts.py": ({300}, "links that an envelope holds"),
    "cig.py": ({10, 16, 211, 251, 4091}, "form and check digits of a CIG (ANAC)"),
    "cup.py": ({3, 15, 2000}, "form of a CUP"),
    "days.py": ({12}, "months of a year"),
    "evolve.py": (
        {30},
        "least that the setting fact-registered-late.days may be: so much is noted",
    ),
    "grammar.py": ({200}, "longest code as given"),
    "identifiers.py": ({3, 6}, "form of ISTAT codes"),
    "keeping.py": ({3, 12, 31}, "last day of a year, and the day after 28 February"),
    "labels.py": ({13, 18}, "form of what may be a CUP in a text"),
    "money.py": ({2, 10, 15, 100}, "cents of an euro, largest amount of the format"),
    "normal_forms.py": ({60}, "longest text that a sentence quotes"),
    "personal_texts.py": ({16}, "form of a tax code"),
    "phone_numbers.py": ({20, 40}, "characters around a number that are looked at"),
    "pieces.py": ({500}, "streams that an envelope joins"),
    "rules/checklists.py": ({2, 3}, "names of the levels of review"),
    "rules/common.py": ({12}, "streams that a sentence names"),
    "rules/people_findings.py": ({2}, "pairs of nominations"),
    "rules/separation.py": ({2}, "a pair of roles"),
    "scalars.py": ({2, 53, 500}, "limits of the format"),
    "screening.py": (
        {9, 15, 35, 36, 97, 500, 4096},
        "form and check digits of an IBAN, texts kept",
    ),
    "shapes.py": ({2}, "a tuple of one kind and an ellipsis"),
    "shares.py": ({12}, "shares that a sentence tells"),
    "sources.py": ({100}, "percent"),
    "tax_codes.py": ({11, 16}, "form of a tax code"),
    "texts.py": ({16, 17, 20_000, 0xFFFE, 0xFFFF}, "longest text, planes of Unicode"),
}
DAY = re.compile(r"(?:18|19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
AMOUNT = re.compile(r"[0-9]+\.[0-9]{2}")
WORDS = "due|tre|quattro|cinque|sei|sette|otto|nove|dieci|dodici|quindici|diciotto|trenta|sessanta"
ENGLISH = "two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|eighteen|thirty|sixty"
UNITS = "giorn|mes[ei]|ann[oi]|settiman|euro|day|month|year|week"
TERM = re.compile(rf"\b(?:[0-9]+|{WORDS}|{ENGLISH})(?: [a-zàèìòù]+)? (?:{UNITS})", re.IGNORECASE)


@cache
def tree(file: str) -> ast.Module:
    """Return the parsed code of a file of the domain."""
    return ast.parse((FOLDER / file).read_text(encoding="utf-8"))


def numbers(node: ast.AST) -> Iterator[int | float]:
    """Yield the numbers of some code, but for places in a text or a list."""
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        yield node.value  # type: ignore[misc]  # one of the two
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Subscript) and child is node.slice):
            yield from numbers(child)


def texts(module: ast.Module) -> Iterator[str]:
    """Yield the texts of some code, but for its docstrings."""
    docs = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("file", FILES)
def test_the_numbers_of_a_file_are_listed_with_their_reason(file: str) -> None:
    allowed, _ = NUMBERS.get(file, (set(), ""))
    assert set(numbers(tree(file))) - FREE == allowed


def test_every_number_that_is_listed_has_a_reason_and_a_file() -> None:
    assert NUMBERS.keys() <= set(FILES)
    assert [file for file, (found, reason) in NUMBERS.items() if not found or not reason] == []


@pytest.mark.parametrize("file", FILES)
def test_no_text_of_the_code_is_a_day_or_an_amount(file: str) -> None:
    found = [t for t in texts(tree(file)) if DAY.fullmatch(t) or AMOUNT.fullmatch(t)]
    assert found == (["0.00"] if file == "money.py" else [])


def test_no_sentence_says_a_term_of_the_law() -> None:
    """A sentence names the days, months or euro of a rule as a parameter, from the table."""
    rules = [*declared_rules().values(), *declared_findings().values()]
    sentences = {f"{rule.code} {rule.it} / {rule.en}" for rule in rules}
    sentences |= {declared.says for declared in event_types().values()}
    assert [sentence for sentence in sentences if TERM.search(sentence)] == []


def test_the_patterns_find_what_they_are_for() -> None:
    module = ast.parse(
        '"a doc of 15"\nx = 15\ny = code[3:16]\nz = date(1990, 1, 2.5)\nw = "2022-01-01"'
    )
    assert set(numbers(module)) - FREE == {15, 1990, 2.5}
    assert [text for text in texts(module) if DAY.fullmatch(text)] == ["2022-01-01"]
    for sentence in (
        "entro 15 giorni",
        "dieci giorni",
        "after ten days",
        "5 years",
        "dieci interi giorni",
    ):
        assert TERM.search(sentence), sentence
    assert not TERM.search("entro {days} giorni")


def asked(file: str) -> Iterator[str]:
    """Yield the rules and settings that a file asks the law for by a name of its own."""
    module = importlib.import_module(f"ledger.domain.{file.removesuffix('.py').replace('/', '.')}")
    for node in ast.walk(tree(file)):
        of_law = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if not of_law or node.func.attr not in {"row", "days", "words", "setting", "adoptions"}:
            continue
        if not ast.unparse(node.func.value).endswith(("law", "view")):
            continue
        for argument in node.args:
            if isinstance(argument, ast.Constant):
                yield str(argument.value)
            elif isinstance(argument, ast.Name) and argument.id.isupper():
                yield str(getattr(module, argument.id))


@pytest.mark.parametrize("file", [file for file in FILES if "__init__" not in file])
def test_every_rule_that_is_asked_for_is_in_a_table(file: str) -> None:
    assert [
        name for name in asked(file) if not LAW.knows(name) and not name.startswith("ledger.")
    ] == []


def test_rules_are_asked_for_where_they_are() -> None:
    every = {name for file in FILES if "__init__" not in file for name in asked(file)}
    assert {
        "l3-11-2bis",
        "tuel-134-3",
        "rrf-17",
        "albo.count_from",
        "publication-late.days",
    } <= every


def test_the_days_of_rows_that_were_before_today_are_days() -> None:
    """A value that looks like a day is one, so that whoever reads it can."""
    days = [row.value for row in LAW.rows if re.match("[0-9]{4}-", row.value)]
    assert [date.fromisoformat(day) for day in days]
