"""What the database itself refuses, written past every form and every check of ours; and Python refuses the same."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from talks import guards
from talks.guards import public_tables
from talks.models import Delegation, DelegationMember, Meeting, MeetingState, Party, Passage, Person, Source, Statement

pytestmark = pytest.mark.django_db


def refused(sql: str, *values: object) -> bool:
    """Whether the database refuses this SQL, at once or at commit."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            check_as_at_commit()
    except DatabaseError:
        return True
    return False


def check_as_at_commit() -> None:
    # The test's own transaction never commits, so what the database checks then is asked for now.
    if connection.vendor == "postgresql":
        connection.check_constraints()
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_key_check")
        broken = cursor.fetchall()
    if broken:
        raise DatabaseError(f"foreign keys: {broken}")


@pytest.fixture
def quotation():
    return Statement.objects.get(slug="umerov-awaits-memorandum")


@pytest.fixture
def report():
    return Source.objects.get(slug="myglobalnews-2025-05-29")


@pytest.mark.parametrize(
    "text", ["soon", "2025-13", "2025-02-30", "2025-6-2", "2025/2024", "2025~~", "2025-06-02x", "", "0000", "2025/"]
)
def test_a_date_that_is_none(text):
    assert refused("UPDATE talks_meeting SET date = %s WHERE slug = 'istanbul-2025-06-02'", text)
    with pytest.raises(ValidationError):
        Meeting(slug="x", title="X", date=text).clean_fields()


@pytest.mark.parametrize("column", ["date_from", "date_to"])
def test_a_derived_day_that_does_not_fit(column):
    assert refused(f"UPDATE talks_meeting SET {column} = '2024-01-01' WHERE slug = 'istanbul-2025-06-02'")


def test_a_derived_day_that_is_missing():
    assert refused("UPDATE talks_source SET published_from = NULL WHERE slug = 'myglobalnews-2025-05-29'")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("2022-03", "2022-03-01", "2022-03-31"), ("2024-02~", "2024-02-01", "2024-02-29"), ("2025?", "2025-01-01", "2025-12-31"),
     ("2025-05-28/2025-06", "2025-05-28", "2025-06-30")],
)  # fmt: skip
def test_a_date_that_is_one_is_taken_with_the_days_that_python_derives(text, first, last):
    meeting = Meeting.objects.create(slug="x", title="X", date=text)
    assert (str(meeting.date_from), str(meeting.date_to)) == (first, last)
    sql = "UPDATE talks_meeting SET date = %s, date_from = %s, date_to = %s WHERE slug = 'gomel-region-2022-02-28'"
    assert not refused(sql, text, first, last)


@pytest.mark.parametrize(
    ("model", "field"), [(Meeting, "follows"), (Source, "derived_from"), (Statement, "variant_of")]
)
def test_a_cycle(model, field):
    first = model.objects.filter(**{field: None}).first()
    second = model.objects.exclude(pk=first.pk).first()
    model.objects.filter(pk=second.pk).update(**{field: first})
    table = model._meta.db_table
    assert refused(f"UPDATE {table} SET {field}_id = %s WHERE id = %s", second.pk, first.pk)
    assert refused(f"UPDATE {table} SET {field}_id = id WHERE id = %s", first.pk)
    first.refresh_from_db()
    setattr(first, field, model.objects.get(pk=second.pk))
    with pytest.raises(ValidationError, match="leads back"):
        first.clean()


def test_quoted_words_need_a_passage(quotation):
    assert refused("DELETE FROM talks_passage WHERE statement_id = %s", quotation.pk)
    assert refused("UPDATE talks_passage SET exact = '' WHERE statement_id = %s", quotation.pk)
    assert refused("UPDATE talks_statement SET quotation_type = 'indirect', verified_on = NULL, verified_sha256 = '' "
                   "WHERE id = %s", quotation.pk)  # fmt: skip


def test_words_of_ours_have_none_of_the_source():
    ours = Passage.objects.filter(statement__quotation_type="indirect").first()
    assert refused("UPDATE talks_passage SET exact = 'x', start = 0, \"end\" = 1 WHERE id = %s", ours.pk)
    assert refused("UPDATE talks_statement SET quotation_type = 'mixed' WHERE id = %s", ours.statement_id)


@pytest.mark.parametrize(
    "change",
    ["start = 700", "start = 650, \"end\" = 650", "\"end\" = NULL", "start = 477", "number = 0 - 1"],
)  # fmt: skip
def test_a_passage_out_of_place(quotation, change):
    assert refused(f"UPDATE talks_passage SET {change} WHERE statement_id = %s", quotation.pk)


def test_a_second_head():
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    other = Person.objects.get(slug="sergei-lavrov")
    source = delegation.members.first().source
    with pytest.raises(DatabaseError), transaction.atomic():
        DelegationMember.objects.bulk_create(
            [DelegationMember(delegation=delegation, person=other, role="head", source=source)]
        )


def test_a_second_featured_meeting():
    assert refused("UPDATE talks_meeting SET featured = %s WHERE slug = 'istanbul-2025-05-16'", True)


@pytest.mark.parametrize(
    "change",
    ["speaker_id = NULL", "verified_on = NULL", "verified_sha256 = ''", "verified_sha256 = 'abc'", "text = ''",
     "quotation_type = 'poem'", "status = 'gone'", "status = 'withdrawn'", "first_published_at = NULL", "slug = ''",
     "meeting_id = 999999", "said_on = 'soon'", "withdrawn_because = 'x'"],
)  # fmt: skip
def test_a_statement_that_cannot_be(quotation, change):
    assert refused(f"UPDATE talks_statement SET {change} WHERE id = %s", quotation.pk)


def test_a_narration_with_a_speaker(quotation):
    narration = Statement.objects.filter(quotation_type="narration").first()
    assert refused("UPDATE talks_statement SET speaker_id = %s WHERE id = %s", quotation.speaker_id, narration.pk)
    narration.speaker = quotation.speaker
    with pytest.raises(ValidationError, match="has no speaker"):
        narration.clean()


@pytest.mark.parametrize(
    "change", ["title = '', described_as = ''", "archive_url = 'https://example.org/'", "document_length = NULL",
               "document_sha256 = 'abc'", "document_length = 0"],
)  # fmt: skip
def test_a_source_that_cannot_be(report, change):
    assert refused(f"UPDATE talks_source SET {change} WHERE id = %s", report.pk)


def test_the_same_word_of_a_state_twice():
    state = MeetingState.objects.first()
    assert refused(
        "INSERT INTO talks_meetingstate (meeting_id, state, reported_on, source_id, note) VALUES (%s, %s, %s, %s, '')",
        state.meeting_id, state.state, state.reported_on, state.source_id,
    )  # fmt: skip


def test_half_of_a_native_name():
    assert refused("UPDATE talks_person SET native_language = '' WHERE slug = 'rustem-umerov'")


def test_all_guards_are_there_and_a_missing_one_is_noticed():
    assert guards.missing() == []
    drop = "DROP TRIGGER talks_edition_talks_party"
    with connection.cursor() as cursor:
        cursor.execute(f"{drop} ON talks_party" if connection.vendor == "postgresql" else f"{drop}_update")
    assert len(guards.missing()) == 1
    with pytest.raises(SystemExit, match="lacks 1 of its triggers"):
        guards.require_guards()
    guards.install()
    assert guards.missing() == []


def test_every_table_but_the_edition_is_guarded():
    tables = {name for name in connection.introspection.table_names() if name.startswith("talks_")}
    # The index of the search and the tally are made of the others, and written by triggers only.
    index = {name for name in tables if name.startswith(("talks_search", "talks_tally"))}
    unguarded = tables - set(public_tables()) - index
    assert unguarded - {"talks_evidence_owed", "talks_evidence_paid"} == {"talks_edition"}


def test_a_party_in_use_is_not_deleted():
    with pytest.raises(DatabaseError):
        Party.objects.get(slug="ukraine").delete()
