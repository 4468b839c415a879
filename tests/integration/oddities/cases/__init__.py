"""All cases, by section."""

from collections.abc import Mapping

from tests.integration.oddities.case import Case
from tests.integration.oddities.cases import calls, envelopes, ids, json_texts, repeats, sizes, times, vendor

SECTIONS: Mapping[str, tuple[Case, ...]] = {
    "Events as NewStore sends them": vendor.CASES,
    "The same event, another event, a contradiction": repeats.CASES,
    "Ids": ids.CASES,
    "Times": times.CASES,
    "Envelopes": envelopes.CASES,
    "JSON": json_texts.CASES,
    "HTTP": calls.CASES,
    "Sizes": sizes.CASES,
}

CASES = tuple(case for cases in SECTIONS.values() for case in cases)
