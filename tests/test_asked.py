"""Questions that are put together once give what Django gives for the same values."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from talks import questions
from talks.models import Meeting, Person, Source, Statement
from talks.querysets.asked import OF, Question
from talks.querysets.unseen import OF_OTHERS, OWN

pytestmark = pytest.mark.django_db


def rows_of(model):
    return list(model.objects.published().in_order())


def asked_with():
    """A question, and the values that it is asked with, some of them by name: of all nouns of the built-in data."""
    for name in ("statement", "embedded", "delegation", "party", "person", "source"):
        question = getattr(questions, name)
        for noun in rows_of(question.queryset("x").model):
            yield question, (noun.slug,)
    for person in rows_of(Person):
        for name in ("said_by", "said_of", "memberships", "roles"):
            yield getattr(questions, name), (person.pk,)
    for source in rows_of(Source):
        for name in ("said_in", "derivatives", "told_by", "link_checks"):
            yield getattr(questions, name), (source.pk,)
    for meeting in rows_of(Meeting):
        yield questions.leading, (meeting.pk,)
        yield questions.said_at, (meeting.pk, [person.pk for person in rows_of(Person)])
    for statement in rows_of(Statement):
        yield questions.wordings, (statement.variant_of_id or statement.pk, statement.pk)
        yield questions.corrections, ("statements", statement.slug)
    for meeting in rows_of(Meeting):
        yield from as_of(meeting)
    yield questions.featured, ()
    yield questions.latest, ()
    yield questions.names, ([1], [], [row.pk for row in rows_of(Meeting)], [2, 3])


def as_of(meeting):
    """The questions of a meeting's page, now and as they were on the first, some and the last day of what is known."""
    parties = [sent.party_id for sent in meeting.delegations.all()]
    said = list(Statement.objects.published().about(meeting).numbers())
    days = sorted({state.reported_on for state in meeting.states.all()})
    for known in ([], *([day] for day in (days[0], *days[1:-1:3], days[-1]))):
        yield questions._meeting, (meeting.slug, *known)
        yield questions._sources_behind, (meeting.pk, *known)
        yield questions._notes_around, (meeting.pk, said, *known)
        if known:
            when = (meeting.date_from, meeting.date_to)
            yield questions._placed_by, (meeting.pk, *when, parties, *known), {"most": 2}


def seen(value, depth=3):
    """All that a page may show of a row: its columns, what was prefetched and what was joined. Whose it is, each says in
    its way.
    """
    if isinstance(value, list):
        return [seen(one, depth) for one in value]
    if not hasattr(value, "_meta"):
        return value
    left_out = {OF, *OF_OTHERS}
    columns = {
        name: one
        for name, one in vars(value).items()
        if name not in left_out and not name.startswith(("_state", "_pref"))
    }
    lists = getattr(value, "_prefetched_objects_cache", {}) if depth else {}
    joined = value._state.fields_cache if depth else {}
    return (
        columns,
        {name: seen(list(rows), depth - 1) for name, rows in lists.items()},
        {name: seen(row, depth - 1) for name, row in joined.items()},
    )


def test_every_question_gives_what_its_queryset_gives():
    number = 0
    for question, values, *shape in asked_with():
        named = dict(*shape)
        # The first of a name is put together, all others are asked again.
        assert seen(question(*values, **named)) == seen(list(question.queryset(*values, **named))), values
        number += 1
    assert number > 100


def test_columns_that_no_page_shows_are_not_read_until_somebody_asks(django_assert_num_queries):
    found = questions.statement.first("umerov-awaits-memorandum")
    assert found.get_deferred_fields() == set(OWN)
    assert found.source.get_deferred_fields() == found.meeting.get_deferred_fields() == set(OF_OTHERS)
    assert (found._state.adding, found._state.db, found.source._state.adding) == (False, connection.alias, False)
    whole = Statement.objects.get(slug=found.slug)
    assert whole.get_deferred_fields() == set()
    with django_assert_num_queries(1):
        assert found.created_at == whole.created_at
    assert found.get_deferred_fields() == set(OWN) - {"created_at"}


def test_it_is_put_together_once():
    built = []

    def named(slug):
        built.append(slug)
        return Statement.objects.named(slug).with_context()

    question = Question(named)
    assert [question.first(row.slug) for row in rows_of(Statement)] == rows_of(Statement)
    assert len(built) == 1
    assert question.first("none-of-this-name") is None


def test_a_shape_is_put_together_by_itself():
    question = Question(lambda slug, order: Statement.objects.filter(slug__gte=slug).order_by(order))
    assert question("", order="slug") == question("", order="-slug")[::-1]
    assert len(question._plans) == 2


@pytest.mark.parametrize("number", [0, 1, 2, 1500])
def test_a_list_has_any_length(number):
    question = Question(lambda keys, status: Statement.objects.filter(pk__in=keys, status=status).order_by("pk"))
    rows = list(Statement.objects.order_by("pk"))
    keys = [row.pk for row in rows] + [10**9 + more for more in range(1500)]
    assert question([rows[0].pk, rows[1].pk], "published") == rows[:2]
    found = question(keys[:number], "published")
    assert found == rows[:number]


@pytest.mark.parametrize("slug", ["a%sb", "100%", "%(x)s", "\x02stand-in 0", "'; --", "ünïcode 🎭"])
def test_a_value_is_never_read_as_sql(slug):
    question = Question(lambda text: Statement.objects.filter(Q(slug=text) | Q(text=text)))
    assert question(slug) == []
    Statement.objects.filter(slug=rows_of(Statement)[0].slug).update(text=slug)
    assert [row.text for row in question(slug)] == [slug]


def test_a_day_is_a_value():
    question = Question(lambda day: Statement.objects.filter(said_from=day).order_by("pk"))
    for row in Statement.objects.all():
        assert row in question(row.said_from)
    assert question(date(1900, 1, 1)) == []


def test_a_value_may_be_asked_with_where_something_is_prefetched_and_be_left_out():
    def with_states(slug, day=None):
        return Meeting.objects.named(slug).with_states(day).with_neighbours(day)

    question, days = Question(with_states), set()
    for meeting in rows_of(Meeting):
        everything = question.first(meeting.slug).states.all()
        for day in {state.reported_on for state in everything}:
            days.add(day)
            reported = question.first(meeting.slug, day)
            assert [state.pk for state in reported.states.all()] == [
                state.pk
                for state in everything
                if state.reported_on <= day and state.source.published_to and state.source.published_to <= day
            ]
            assert reported.follows == with_states(meeting.slug, day).get().follows
    assert len(days) > 5
    assert len(question._plans) == 2
    with pytest.raises(ValueError, match=r"Value 1 of a question is not asked with"):
        Question(lambda slug, day: Meeting.objects.named(slug).with_states())("x", date(2025, 1, 1))


def test_a_value_that_is_asked_with_in_another_way_is_refused():
    with pytest.raises(ValueError, match=r"Value 0 of a question is not asked with"):
        Question(lambda text: Statement.objects.filter(slug__contains=text))("umerov")
    with pytest.raises(ValueError, match=r"Value 1 of a question is not asked with"):
        Question(lambda text, most: Statement.objects.filter(slug=text)[:3])("umerov", 3)
    with pytest.raises(ValueError, match=r"A list is asked for in another way than by __in"):
        Question(lambda keys: Statement.objects.filter(pk=keys[0]))([1])


def test_what_belongs_to_the_rows_is_asked_once_for_all_of_them():
    question = Question(lambda keys: Meeting.objects.among(keys).with_states().with_delegations().with_notes())
    keys = [meeting.pk for meeting in rows_of(Meeting)]
    question(keys)
    with CaptureQueriesContext(connection) as asked:
        meetings = question(keys)
        assert len(asked) == 6
        states = [state for meeting in meetings for state in meeting.states.all()]
        assert states
        assert all(state.meeting in meetings for state in states)
        assert [meeting.state for meeting in meetings]
        assert len(asked) == 6


def test_a_question_of_nothing_is_not_asked(django_assert_num_queries):
    question = Question(lambda slug: Statement.objects.named(slug).none())
    with django_assert_num_queries(0):
        assert question("a") == question("b") == []
