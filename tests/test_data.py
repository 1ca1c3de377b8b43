"""The built-in data holds what it promises: the report's quotations at their places, every note, every source in use."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

import pytest
from django.db import models

from talks.fixtures import MODELS, columns
from talks.models import (
    Delegation,
    DelegationMember,
    EditorsNote,
    Meeting,
    MeetingState,
    Party,
    Passage,
    Person,
    Source,
    SourceText,
    Statement,
)
from talks.models.base import Noun
from talks.models.passage import check_evidence

pytestmark = pytest.mark.django_db

REPORT = "myglobalnews-2025-05-29"
DIGEST = "cf4cf3d786c985ca2cb0eb2e6423052016a3e7fd1a1bd90fd63f5c6dc9e2d620"
LENGTH = 2119
MEETING = "istanbul-2025-06-02"
Q1 = "umerov-awaits-memorandum"
Q2 = "lavrov-proposes-2-june"
Q3 = "lavrov-four-days"
# type, words, start, end: code points of the report's text.
QUOTATIONS = {
    Q1: (
        "direct",
        "We are not opposed to further meetings with the Russians and are awaiting their memorandum so that the "
        "meeting won’t be empty and can truly move us closer to ending the war",
        478,
        650,
    ),
    Q2: ("mixed", "sustainable peace settlement", 779, 807),
    Q3: ("mixed", "memorandum", 855, 865),
}
NOUNS = [model for model in MODELS if issubclass(model, Noun)]


@pytest.fixture
def report():
    return Source.objects.get(slug=REPORT)


@pytest.mark.parametrize("slug", QUOTATIONS)
def test_a_quotation_of_the_report_has_its_exact_words_at_its_exact_place(slug):
    statement = Statement.objects.get(slug=slug)
    passage = statement.passages.get()
    found = (statement.quotation_type, passage.exact, passage.start, passage.end)
    assert found == QUOTATIONS[slug]
    assert passage.end - passage.start == len(passage.exact)
    assert passage.exact in statement.text
    assert (len(passage.prefix), len(passage.suffix)) == (32, 32)


@pytest.mark.parametrize("slug", QUOTATIONS)
def test_a_quotation_of_the_report_was_verified_against_it(slug):
    statement = Statement.objects.select_related("source").get(slug=slug)
    assert statement.source.slug == REPORT
    assert (statement.verified_sha256, statement.verified_on) == (DIGEST, date(2026, 11, 23))
    assert statement.evidence_state == "verified"


def test_the_long_quotation_is_its_words_and_nothing_else():
    assert Statement.objects.get(slug=Q1).text == QUOTATIONS[Q1][1]


def test_nothing_else_counts_as_verified():
    checked = Statement.objects.exclude(verified_sha256="").values_list("slug", flat=True)
    assert set(checked) == set(QUOTATIONS)


def test_the_words_around_a_quotation_agree_with_those_around_its_neighbour():
    places = list(Passage.objects.filter(statement__source__slug=REPORT).exclude(exact="").order_by("start"))
    text: dict[int, str] = {}
    for place in places:
        known = place.prefix + place.exact + place.suffix
        for offset, sign in enumerate(known, place.start - len(place.prefix)):
            assert text.setdefault(offset, sign) == sign
    assert min(text) >= 0
    assert max(text) < LENGTH


def test_the_report_is_known_by_digest_and_length_and_its_text_is_not_stored(report):
    assert (report.document_sha256, report.document_length) == (DIGEST, LENGTH)
    assert not SourceText.objects.exists()
    assert report.title == ""
    assert report.described_as


def test_the_report_derives_from_a_bare_reference(report):
    assert [source.slug for source in report.chain] == ["cgtn"]
    assert (report.derived_from.kind, report.derived_from.url) == ("bare_reference", "https://www.cgtn.com/")
    assert not report.derived_from.statements.exists()


def test_every_statement_of_the_report_is_anchored_inside_it(report):
    for statement in report.statements.prefetch_related("passages"):
        places = [(passage.start, passage.end) for passage in statement.passages.all()]
        assert places, statement.slug
        assert all(0 <= start < end <= LENGTH for start, end in places), statement.slug


def test_statements_of_other_sources_have_no_place_in_a_text_that_we_never_had():
    for passage in Passage.objects.exclude(statement__source__slug=REPORT).select_related("statement__source"):
        assert (passage.start, passage.end) == (None, None)
        assert passage.statement.source.document_sha256 == ""


def test_the_same_words_elsewhere_are_direct_and_unchecked():
    rendering = Statement.objects.get(slug=f"{Q1}-pravda")
    assert rendering.source.slug == "pravda-com-ua-2025-05-28"
    assert (rendering.quotation_type, rendering.evidence_state) == ("direct", "unchecked")
    assert rendering.text == QUOTATIONS[Q1][1].replace("memorandum", "“memorandum”")


def test_every_other_wording_of_the_long_quotation_is_indirect():
    wordings = Statement.objects.filter(variant_of__slug=Q1).values_list("slug", "quotation_type")
    assert dict(wordings) == {
        f"{Q1}-censor": "indirect",
        f"{Q1}-liga": "indirect",
        f"{Q1}-pravda": "direct",
        f"{Q1}-tass": "indirect",
        f"{Q1}-unn": "indirect",
    }


def test_a_wording_belongs_to_a_first_one_of_the_same_speaker_and_meeting():
    for wording in Statement.objects.exclude(variant_of=None).select_related("variant_of"):
        first = wording.variant_of
        assert first.variant_of_id is None
        assert (wording.speaker_id, wording.meeting_id) == (first.speaker_id, first.meeting_id)


def test_every_statement_fits_its_passages():
    for statement in Statement.objects.prefetch_related("passages"):
        assert check_evidence(statement, list(statement.passages.all())) == {}, statement.slug


def test_seven_meetings_follow_one_another_in_the_order_of_their_dates():
    meetings = list(Meeting.objects.in_order())
    assert [str(meeting.date_from) for meeting in meetings] == [
        "2022-02-28", "2022-03-03", "2022-03-07", "2022-03-29", "2025-05-16", "2025-06-02", "2025-07-23",
    ]  # fmt: skip
    assert [meeting.follows_id for meeting in meetings] == [None, *(meeting.pk for meeting in meetings[:-1])]


def test_the_meeting_of_2_june_was_proposed_scheduled_confirmed_and_held():
    states = MeetingState.objects.filter(meeting__slug=MEETING).latest_first()
    assert [(state.state, str(state.reported_on)) for state in states][::-1] == [
        ("proposed", "2025-05-28"), ("proposed", "2025-05-28"), ("scheduled", "2025-05-29"),
        ("confirmed", "2025-06-02"), ("held", "2025-06-02"), ("held", "2025-06-02"),
    ]  # fmt: skip


def test_every_meeting_was_held_by_the_word_of_some_source():
    assert {meeting.state.state for meeting in Meeting.objects.with_states()} == {"held"}


def test_no_state_is_reported_before_its_source_was_published():
    for state in MeetingState.objects.select_related("source"):
        assert state.source.published_from <= state.reported_on, str(state)


def test_turkiye_was_host_of_the_meetings_in_istanbul():
    hosts = Delegation.objects.filter(capacity="host", meeting__date_from__year=2025)
    assert {(host.party.slug, host.meeting.slug) for host in hosts.select_related("party", "meeting")} == {
        ("turkiye", slug) for slug in ("istanbul-2025-05-16", MEETING, "istanbul-2025-07-23")
    }
    assert set(Delegation.objects.filter(party__slug="turkiye").values_list("capacity", flat=True)) == {"host"}


def test_both_parties_sat_at_every_meeting():
    for meeting in Meeting.objects.prefetch_related("delegations__party"):
        parties = {delegation.party.slug for delegation in meeting.delegations.all() if delegation.capacity == "party"}
        assert parties == {"russia", "ukraine"}, meeting.slug


def test_the_heads_of_the_delegations_are_those_that_sources_name():
    heads = DelegationMember.objects.filter(role="head").values_list("delegation__slug", "person__slug")
    assert dict(heads) == {
        "russia-gomel-region-2022-02-28": "vladimir-medinsky",
        "russia-belovezhskaya-pushcha-2022-03-03": "vladimir-medinsky",
        "russia-brest-region-2022-03-07": "vladimir-medinsky",
        "russia-istanbul-2022-03-29": "vladimir-medinsky",
        "russia-istanbul-2025-05-16": "vladimir-medinsky",
        "russia-istanbul-2025-06-02": "vladimir-medinsky",
        "russia-istanbul-2025-07-23": "vladimir-medinsky",
        "turkiye-istanbul-2025-05-16": "hakan-fidan",
        "turkiye-istanbul-2025-06-02": "hakan-fidan",
        "turkiye-istanbul-2025-07-23": "hakan-fidan",
        "ukraine-istanbul-2022-03-29": "davyd-arakhamia",
        "ukraine-istanbul-2025-05-16": "rustem-umerov",
        "ukraine-istanbul-2025-06-02": "rustem-umerov",
        "ukraine-istanbul-2025-07-23": "rustem-umerov",
    }


def test_nobody_has_a_wikidata_id_that_no_source_showed():
    assert Person.objects.get(slug="hakan-fidan").wikidata_id == ""
    shown = dict(Person.objects.exclude(wikidata_id="").values_list("slug", "wikidata_id"))
    assert shown["rustem-umerov"] == "Q64842485"
    assert shown["sergei-lavrov"] == "Q58217"
    assert len(set(shown.values())) == len(shown)


def test_umerovs_offices_are_those_of_their_day_in_the_words_of_their_sources():
    members = DelegationMember.objects.filter(person__slug="rustem-umerov").exclude(role_as_printed="")
    assert set(members.values_list("delegation__meeting__slug", "role_as_printed", "source__slug")) == {
        (MEETING, "Ukrainian Defense Minister", REPORT),
        ("istanbul-2025-07-23", "NSDC secretary", "censor-net-2025-07-30"),
    }
    said = Statement.objects.filter(speaker__slug="rustem-umerov").exclude(role_as_printed="")
    assert set(said.values_list("role_as_printed", flat=True)) == {"Ukrainian Defense Minister"}


def test_the_meeting_of_2_june_is_featured_with_two_leading_statements():
    assert list(Meeting.objects.featured().values_list("slug", flat=True)) == [MEETING]
    leading = Statement.objects.leading().values_list("slug", "lead_order", "meeting__slug")
    assert list(leading) == [(Q1, 1, MEETING), (Q2, 2, MEETING)]


def test_all_21_notes_are_there_each_on_something_and_resting_on_something():
    notes = EditorsNote.objects.order_by("slug").prefetch_related(
        "rests_on", "meetings", "statements", "people", "delegations", "sources"
    )
    assert [note.slug[:4] for note in notes] == [f"e{number:02}-" for number in range(1, 22)]
    for note in notes:
        concerned = [note.meetings, note.statements, note.people, note.delegations, note.sources]
        assert any(nouns.all() for nouns in concerned), note.slug
        assert note.rests_on.all(), note.slug
        assert note.text.endswith("."), note.slug


def test_the_note_on_four_days_sets_statements_that_contradict_one_another_side_by_side():
    note = EditorsNote.objects.get(disagreement=True)
    assert note.slug == "e07-four-days"
    speakers = {statement.speaker.slug for statement in note.statements.select_related("speaker")}
    assert speakers == {"rustem-umerov", "sergei-lavrov"}


def test_no_note_was_known_before_every_source_that_it_rests_on():
    for note in EditorsNote.objects.prefetch_related("rests_on"):
        known = [source.published_from for source in note.rests_on.all() if source.published_from]
        assert note.reported_on >= max(known), note.slug


def test_every_source_is_used_by_something():
    used = (
        "statements", "dates_given", "states", "members", "delegations", "meetings", "people", "notes_resting", "derivatives",
    )  # fmt: skip
    unused = Source.objects.filter(**dict.fromkeys(used)).values_list("slug", flat=True)
    assert list(unused) == []


def test_every_statement_has_a_source_with_a_publisher_and_a_day_that_something_gives():
    for statement in Statement.objects.select_related("source", "dated_by"):
        assert statement.source.publisher.strip(), statement.slug
        assert statement.said_from, statement.slug


def test_nothing_was_said_after_its_source_was_published():
    for statement in Statement.objects.select_related("source"):
        if statement.source.published_to:
            assert statement.said_from <= statement.source.published_to, statement.slug


def test_a_source_that_was_read_has_an_address_and_a_bare_reference_was_not_read():
    for source in Source.objects.all():
        assert bool(source.accessed_on) == (bool(source.url) and source.kind != "bare_reference"), source.slug
        assert source.title or source.described_as, source.slug


def test_every_person_and_meeting_rests_on_a_source():
    for model in (Person, Meeting, Delegation):
        assert not model.objects.filter(rests_on=None).exists()


def test_everything_built_in_is_published():
    for model in NOUNS:
        assert set(model.objects.values_list("status", flat=True)) == {"published"}


def test_the_counts_are_those_of_the_data_that_was_entered():
    assert (Party.objects.count(), Person.objects.count(), Meeting.objects.count()) == (4, 17, 7)
    assert EditorsNote.objects.count() == 21


def texts() -> list[tuple[str, str, str]]:
    """Every text of the data: where it stands, the name of its field, the text."""
    found = []
    for model in MODELS:
        names = [field.name for field in columns(model) if isinstance(field, models.CharField | models.TextField)]
        for row in model.objects.all():
            where = f"{model.__name__} {' / '.join(map(str, row.natural_key()))}"
            found += [(where, name, getattr(row, name)) for name in names if getattr(row, name)]
            found += [(where, "also_written", text) for text in getattr(row, "also_written", [])]
    return found


def test_no_text_has_white_space_where_it_does_not_belong():
    for where, name, text in texts():
        # The words around a quotation are cut out of the source, line breaks and all.
        if name not in ("prefix", "suffix"):
            assert not re.search(r"^\s|\s$|\s\s|[^\S ]|[\u200b-\u200f\ufeff]", text), f"{where}: {name}: {text!r}"


def test_every_address_is_a_web_address():
    for where, name, text in texts():
        if name in ("url", "archive_url"):
            parts = urlsplit(text)
            assert parts.scheme in ("http", "https"), f"{where}: {text}"
            assert "." in parts.netloc, f"{where}: {text}"
            assert text.isascii(), f"{where}: {text}"


def test_words_of_ours_have_typographic_quotation_marks():
    for where, name, text in texts():
        if where.startswith("Source ") and name in ("title", "url", "archive_url"):
            continue
        assert not set(text) & set("\"'`´"), f"{where}: {name}: {text}"


def test_quotation_marks_come_in_pairs():
    for where, name, text in texts():
        if name in ("text", "note", "summary", "description", "described_as"):
            assert text.count("“") == text.count("”"), f"{where}: {name}: {text}"
