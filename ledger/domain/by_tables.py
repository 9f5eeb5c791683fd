"""What of the exported state follows from tables of law, beside the facts.

A program of another year has other tables. Who verifies an old package with it judges all the rest,
and tells of these members that they are not judged; a test holds that no other member moves with the
tables. `*` stands for each item of a list. Source: D66; DOMAIN, introduction.
"""

from typing import Final

OF_INTERVENTION: Final = frozenset(
    {
        "acts/*/publications/*/counted_from",
        "acts/*/publications/*/days",
        "acts/*/publications/*/enforceable_from",
        "acts/*/publications/*/rule_id",
        "acts/*/publications/*/term_rule",
        "acts/*/publications/*/whole_on",
        "checklists/*/state",
        "deadlines",
        "findings",
        "kept_contents",
        "lots/*/oc4ids_status",
        "lots/*/opencoesione_status",
        "oc4ids_status",
        "opencoesione_status",
        "past_findings",
        "procedures/*/kind_name",
        "sheets_due",
    }
)
# Where several interventions share the CUP each is told by itself; their contents are kept for all.
BY_TABLES: Final = OF_INTERVENTION | {
    f"parts/*/{one}" for one in OF_INTERVENTION - {"kept_contents"}
}
