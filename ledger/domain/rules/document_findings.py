"""Findings about documents. Source: DOMAIN sections 8 and 10.2."""

from __future__ import annotations

from ledger.domain.rules.finding import Raised, View, finding
from ledger.domain.screening import screen_personal_data


@finding(
    "personal-data-in-name",
    severity="serious",
    it="Il nome di un documento della registrazione n. {index} contiene un dato personale ({kinds}).",
    en="The name of a document of event {index} holds personal data ({kinds}).",
    source="DOMAIN 8; GDPR art. 5",
)
def personal_data_in_name(view: View) -> Raised:
    """Find file names with the shape of personal data; the sentence does not repeat them."""
    for document in view.dossier.documents.files:
        kinds = screen_personal_data(document.name.replace("_", " "))
        if kinds:
            yield {
                "subject": f"{view.dossier.cup or view.dossier.stream}#{document.index}",
                "index": document.index,
                "kinds": ", ".join(kinds),
            }
