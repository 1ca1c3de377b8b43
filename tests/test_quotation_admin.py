"""Texts and quotations through the editor's real forms: kept to the code point, checked, offered and refused."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talks import evidence
from talks.editing import ledger
from talks.fixtures import FILES, writer
from talks.models import Meeting, Passage, Person, Source, SourceText, Statement
from tests.desk import said
from tests.test_admin import WHY, Form, address, change_page, complaints, opened, pressed, saved
from tests.test_verification import report_file  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]

UNCHECKED = "Nothing was changed. Its words were not found in its source’s text."
CHECK = "/admin/talks/statement/check/"
SECRET = "Nobody outside may read this line."
TEXT = (
    "The hall was full.\n"
    "“The river belongs to both banks, and won’t dry up,” Rustem Umerov said on Monday. He left at noon 🕊.\n"
    "Sergei Lavrov promised a “fair and lasting” arrangement within weeks.\n"
    "Fair words and fair words alone, wrote the clerk.\n"
    f"{SECRET}"
)
WORDS = "The river belongs to both banks, and won’t dry up"
START = TEXT.index(WORDS)
END = START + len(WORDS)


@pytest.fixture
def meeting() -> Meeting:
    return Meeting.objects.create(slug="geneva-2026", title="Geneva, 2026", date="2026-02", status="published")


@pytest.fixture
def umerov() -> Person:
    return Person.objects.get(slug="rustem-umerov")


@pytest.fixture
def unheld() -> Source:
    return Source.objects.create(
        slug="unheld", publisher="Unheld", kind="news_report", described_as="x", status="published"
    )


@pytest.fixture
def held() -> Source:
    """A source whose text is held, privately, for some days."""
    source = Source.objects.create(
        slug="gazette", publisher="Gazette", kind="news_report", title="In the hall", status="published",
        published_on="2026-02-03",
    )  # fmt: skip
    keep(source, TEXT)
    return source


def keep(source: Source, text: str, public: bool = False) -> None:
    kept = SourceText.objects.filter(source=source).first() or SourceText()
    kept.source, kept.is_public = source, public
    kept.hold(text, date(2026, 2, 4))
    source.save()
    kept.save()


def with_text(client: Any, source: Source, **values: Any) -> Any:
    """Save the source's form with a text, as a browser sends it."""
    form = opened(client, change_page(source))
    return client.post(change_page(source), {**form.values, **values})


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("text.txt", content, "text/plain")


def stored() -> list[Any]:
    """All rows that these forms may change."""
    return [list(model.objects.order_by("pk").values()) for model in (Source, SourceText, Statement, Passage)]


def text_of(source: Source) -> str:
    return SourceText.objects.get(source=source).text


# The text of a source.


@pytest.mark.parametrize(
    "content",
    [
        b"One line\r\nand another\r\n",
        b"\xef\xbb\xbfWith a mark of the byte order",
        "  blanks before and after 🕊 \u0301\u00a0\n\n\n".encode(),
        b"\n\nfirst two are empty",
        b"\r\n \r \n",
        "שלום\u202e\u2029".encode(),
        TEXT.encode(),
    ],
)
def test_an_uploaded_text_keeps_its_bytes(admin_client, unheld, content):
    assert with_text(admin_client, unheld, upload=upload(content)).status_code == 302
    unheld.refresh_from_db()
    assert text_of(unheld).encode() == content
    assert unheld.document_sha256 == hashlib.sha256(content).hexdigest()
    assert unheld.document_length == len(content.decode())
    assert unheld.document_on == timezone.localdate()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("One line\r\nand another", "One line\nand another"),
        ("\r\n\r\n  two empty lines and two blanks first", "\n\n  two empty lines and two blanks first"),
        ("a last line end stays \r\n", "a last line end stays \n"),
        (TEXT.replace("\n", "\r\n"), TEXT),
        (" ", " "),
        ("tab\tand\u00a0nbsp\ufeff", "tab\tand\u00a0nbsp\ufeff"),
    ],
)
def test_a_pasted_text_is_kept_as_typed(admin_client, unheld, typed, kept):
    assert with_text(admin_client, unheld, paste=typed).status_code == 302
    unheld.refresh_from_db()
    assert text_of(unheld) == kept
    assert unheld.document_sha256 == hashlib.sha256(kept.encode()).hexdigest()
    assert unheld.document_length == len(kept)


def test_file_and_paste_of_one_text_give_the_same_digest(admin_client, unheld, held):
    with_text(admin_client, unheld, upload=upload(TEXT.encode()))
    with_text(admin_client, held, paste=TEXT.replace("\n", "\r\n"))
    unheld.refresh_from_db()
    held.refresh_from_db()
    assert unheld.document_sha256 == held.document_sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


def test_a_source_is_made_together_with_its_text(admin_client):
    form = opened(admin_client, address(Source, "add"))
    form.set(slug="made", publisher="Made", kind="news_report", title="x")
    answer = admin_client.post(address(Source, "add"), {**form.values, "upload": upload(TEXT.encode())})
    assert answer.status_code == 302, complaints(answer)
    source = Source.objects.get(slug="made")
    assert (text_of(source), source.document_length) == (TEXT, len(TEXT))


@pytest.mark.parametrize("public", [False, True])
def test_a_text_is_private_unless_it_is_marked_public(admin_client, unheld, public):
    with_text(admin_client, unheld, paste="words", **({"text_is_public": "on"} if public else {}))
    assert SourceText.objects.get(source=unheld).is_public is public
    saved(admin_client, change_page(unheld), opened(admin_client, change_page(unheld)))
    assert SourceText.objects.get(source=unheld).is_public is public
    assert text_of(unheld) == "words"


def test_a_private_text_is_in_no_page_and_no_file(admin_client, client, held, meeting, umerov):
    add_statement(admin_client, held, meeting, umerov)
    pages = ["/", "/sources/", "/sources/gazette/", "/statements/", "/statements/new/", "/meetings/geneva-2026/",
             "/people/rustem-umerov/", change_page(held), address(Source, "changelist"), address(Source, "history", held.pk)]  # fmt: skip
    for path in pages:
        answer = (admin_client if path.startswith("/admin") else client).get(path)
        assert answer.status_code == 200
        assert SECRET not in answer.content.decode(), path
    assert SECRET not in "".join(line for file in FILES for line in writer.lines(file))
    SourceText.objects.update(is_public=True)
    assert SECRET in "".join(line for file in FILES for line in writer.lines(file))


@pytest.mark.parametrize(
    ("field", "content", "why"),
    [
        ("upload", b"caf\xe9", "not UTF-8"),
        ("upload", b"", "empty"),
        ("upload", b"a\0b", "NUL"),
        ("upload", b"x" * 2001, "the most is"),
        ("upload", "é".encode() * 1001, "the most is"),
        ("paste", "a\0b", "Null"),
        ("paste", "é" * 1001, "the most is"),
    ],
)
def test_a_text_that_cannot_be_is_refused_beside_its_field_and_nothing_is_stored(
    admin_client, monkeypatch, held, unheld, field, content, why
):
    monkeypatch.setattr(evidence, "LARGEST", 2000)
    for source in (held, unheld):
        before = stored()
        answer = with_text(admin_client, source, **{field: upload(content) if field == "upload" else content})
        assert why in complaints(answer)[field]
        assert stored() == before
    assert text_of(held) == TEXT
    assert not SourceText.objects.filter(source=unheld).exists()


def test_a_file_and_a_pasted_text_at_once_are_refused(admin_client, unheld):
    answer = with_text(admin_client, unheld, upload=upload(b"one"), paste="other")
    assert "not both" in complaints(answer)["paste"]
    assert not SourceText.objects.filter(source=unheld).exists()


def test_a_text_as_large_as_the_limit_is_taken_either_way(admin_client, monkeypatch, unheld):
    monkeypatch.setattr(evidence, "LARGEST", 2000)
    assert with_text(admin_client, unheld, upload=upload(b"x" * 2000)).status_code == 302
    assert with_text(admin_client, unheld, paste="y" * 2000).status_code == 302
    assert text_of(unheld) == "y" * 2000


def test_the_request_limit_lets_a_pasted_text_of_20_mb_through(settings):
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE > evidence.LARGEST


def test_another_text_warns_and_undoes_what_was_found(admin_client, held, meeting, umerov):
    made = add_statement(admin_client, held, meeting, umerov)
    answer = with_text(admin_client, held, paste=f"First. {TEXT}")
    assert answer.status_code == 302
    told = unescape(admin_client.get(answer.headers["Location"]).content.decode())
    assert "1 quotations were checked against another text. Check them again." in told
    made.refresh_from_db()
    assert Statement.objects.get(pk=made.pk).evidence_state == "lost"


def test_the_same_text_again_undoes_nothing(admin_client, held, meeting, umerov):
    made = add_statement(admin_client, held, meeting, umerov)
    with_text(admin_client, held, upload=upload(TEXT.encode()))
    assert Statement.objects.get(pk=made.pk).evidence_state == "verified"


# A quotation entered by hand.


def filled(client: Any, source: Source, meeting: Meeting, umerov: Person, **passage: Any) -> Form:
    """The form of a new direct statement of these words."""
    form = opened(client, address(Statement, "add"))
    words = passage.get("exact", WORDS)
    form.set(
        slug="new", quotation_type="direct", text=words, speaker=umerov.pk, party=umerov.party_id,
        role_as_printed="minister", said_on="2026-02-02", source=source.pk, meeting=meeting.pk,
    )  # fmt: skip
    form.add("passages", **{"number": 1, "exact": words, **passage})
    return form


def add_statement(client: Any, source: Source, meeting: Meeting, umerov: Person, **passage: Any) -> Statement:
    """Such a statement, saved and published; where no text is held, with the mark that it was not looked for."""
    form = filled(client, source, meeting, umerov, **passage)
    saved(client, address(Statement, "add"), form)
    marks = [] if hasattr(source, "held") else ["unchecked"]
    made = Statement.objects.get(slug="new")
    assert pressed(client, made, "publish", mark=marks) == f"“{made}” is published."
    return Statement.objects.get(slug="new")


def in_meeting(client: Any, source: Source, meeting: Meeting, umerov: Person, **values: Any) -> Form:
    """The form of the meeting with a new direct statement inside."""
    form = opened(client, change_page(meeting))
    words = values.get("exact", WORDS)
    form.add(
        "statements",
        **{"slug": "new", "quotation_type": "direct", "text": words, "exact": words, "speaker": umerov.pk,
           "role_as_printed": "minister", "party": umerov.party_id, "said_on": "2026-02-02", "source": source.pk,
           **values},
    )  # fmt: skip
    return form


def refusal(client: Any, path: str, form: Form) -> str:
    """The page that refuses what was sent; nothing is stored."""
    before = stored()
    answer = client.post(path, form.values)
    assert answer.status_code == 200
    assert stored() == before
    return answer.content.decode()


def evidence_of(statement: Statement) -> tuple[Any, ...]:
    passage = statement.passages.get()
    return passage.exact, passage.start, passage.end, passage.prefix, passage.suffix


FOUND = (WORDS, START, END, *evidence.context(TEXT, START, END))


def test_words_found_in_the_text_get_their_place_their_surroundings_and_the_day(admin_client, held, meeting, umerov):
    made = add_statement(admin_client, held, meeting, umerov)
    assert evidence_of(made) == FOUND
    assert (made.verified_on, made.verified_sha256) == (timezone.localdate(), held.document_sha256)
    assert made.evidence_state == "verified"


def test_words_found_inside_their_meeting_get_the_same(admin_client, held, meeting, umerov):
    saved(admin_client, change_page(meeting), in_meeting(admin_client, held, meeting, umerov))
    made = Statement.objects.get(slug="new")
    assert evidence_of(made) == FOUND
    assert (made.verified_on, made.verified_sha256) == (timezone.localdate(), held.document_sha256)


def test_a_wrong_place_is_mended(admin_client, held, meeting, umerov):
    made = add_statement(admin_client, held, meeting, umerov, start=3, end=3 + len(WORDS), prefix="x", suffix="y")
    assert evidence_of(made) == FOUND


def test_mixed_words_are_looked_for_too(admin_client, held, meeting, umerov):
    form = filled(admin_client, held, meeting, umerov, exact="fair and lasting")
    form.set(quotation_type="mixed", text="He spoke of a fair and lasting thing.")
    saved(admin_client, address(Statement, "add"), form)
    assert Statement.objects.get(slug="new").evidence_state == "verified"


def test_words_of_several_passages_get_a_place_each(admin_client, held, meeting, umerov):
    form = filled(admin_client, held, meeting, umerov)
    form.set(text=f"{WORDS} […] He left at noon 🕊")
    form.add("passages", number=2, exact="He left at noon 🕊")
    saved(admin_client, address(Statement, "add"), form)
    places = [(item.start, item.end) for item in Statement.objects.get(slug="new").passages.in_order()]
    at = TEXT.index("He left")
    assert places == [(START, END), (at, at + 17)]


def test_words_that_are_not_there_are_refused_with_the_nearest_passage(admin_client, held, meeting, umerov):
    wrong = WORDS.replace("both", "all the")
    html = refusal(admin_client, address(Statement, "add"), filled(admin_client, held, meeting, umerov, exact=wrong))
    read = unescape(html)
    assert "These words are not in the source’s text." in read
    assert f"at {START}–{END}" in read
    assert "<del>all the</del><ins>both</ins>" in html
    assert re.search(r'<button[^>]*data-exact="([^"]*)"', read)[1] == WORDS
    assert "passages-0-exact" in complaints_of(html)


def complaints_of(html: str) -> str:
    return " ".join(re.findall(r'<ul class="errorlist[^>]*id="id_([^"]+)_error"', html))


def test_words_that_are_not_there_are_refused_inside_their_meeting(admin_client, held, meeting, umerov):
    form = in_meeting(admin_client, held, meeting, umerov, exact=WORDS.replace("both", "all the"))
    html = refusal(admin_client, change_page(meeting), form)
    assert "<del>all the</del><ins>both</ins>" in html
    assert "statements-0-exact" in complaints_of(html)


def test_words_that_nothing_resembles_are_refused_without_an_offer(admin_client, held, meeting, umerov):
    form = filled(admin_client, held, meeting, umerov, exact="Zwölf Boxkämpfer jagen Viktor quer")
    html = refusal(admin_client, address(Statement, "add"), form)
    assert "nothing in it is like them" in html
    assert "data-exact" not in html


def test_words_with_other_marks_are_refused_and_taking_the_texts_words_works(admin_client, held, meeting, umerov):
    form = filled(admin_client, held, meeting, umerov, exact=WORDS.replace("’", "'"))
    html = refusal(admin_client, address(Statement, "add"), form)
    assert "other marks, spaces or signs" in html
    offered = unescape(re.search(r'data-exact="([^"]*)"', html)[1])
    assert offered == WORDS
    assert "won" in unescape(re.search(r"<del>(.*?)</del>", html)[1])
    form.set(text=offered)
    form.fill("passages-0-", exact=offered)
    saved(admin_client, address(Statement, "add"), form)
    assert evidence_of(Statement.objects.get(slug="new")) == FOUND


def test_what_the_text_has_is_never_markup_in_an_offer(admin_client, held, meeting, umerov):
    keep(held, 'He said: <script>alert("it is not over yet")</script> & left.')
    form = filled(admin_client, held, meeting, umerov, exact='alert("it is not quite over yet")')
    html = refusal(admin_client, address(Statement, "add"), form)
    assert "<script>alert" not in html
    assert "data-exact" in html


def test_words_that_stand_twice_are_refused_until_their_place_is_given(admin_client, held, meeting, umerov):
    keep(held, "It was fair words, then fair words again.")
    form = filled(admin_client, held, meeting, umerov, exact="fair words")
    assert "several times, at 7, 24" in refusal(admin_client, address(Statement, "add"), form)
    form.fill("passages-0-", start=24, end=34)
    saved(admin_client, address(Statement, "add"), form)
    assert evidence_of(Statement.objects.get(slug="new"))[1:4] == (24, 34, "It was fair words, then ")


def test_words_that_stand_twice_are_told_apart_by_what_surrounds_them(admin_client, held, meeting, umerov):
    keep(held, "It was fair words, then fair words again.")
    made = add_statement(admin_client, held, meeting, umerov, exact="fair words", suffix=" again.")
    assert evidence_of(made)[1:3] == (24, 34)


@pytest.mark.parametrize("order", [(WORDS, "fair and lasting"), ("He left at noon", WORDS)])
def test_passages_that_do_not_stand_together_are_refused(admin_client, held, meeting, umerov, order):
    form = filled(admin_client, held, meeting, umerov, exact=order[0])
    form.set(text=" […] ".join(order))
    form.add("passages", number=2, exact=order[1])
    assert "the passages do not stand in" in refusal(admin_client, address(Statement, "add"), form)


# Nothing unverified is published from a text that is held.


@pytest.fixture
def unverified(held, meeting, umerov) -> Statement:
    """A draft of words that the text does not have, as one could be left from before the text was held."""
    made = Statement.objects.create(
        slug="old", quotation_type="direct", text="Nobody said this", speaker=umerov, party=umerov.party,
        role_as_printed="minister", said_on="2026", meeting=meeting, source=held,
    )  # fmt: skip
    Passage.objects.create(statement=made, exact="Nobody said this")
    return made


def test_an_unverified_draft_is_not_published_unless_it_is_marked(admin_client, client, unverified):
    assert pressed(admin_client, unverified, "publish") == UNCHECKED
    assert Statement.objects.get(pk=unverified.pk).status == "draft"
    form = opened(admin_client, change_page(unverified))
    assert not {"verified_on", "verified_sha256"} & set(form.values)  # nobody says by hand that words were found
    form.values |= {"verified_on": ["2026-02-04"], "verified_sha256": [unverified.source.document_sha256]}
    refusal(admin_client, change_page(unverified), form)
    assert pressed(admin_client, unverified, "publish", mark=["unchecked"]) == f"“{unverified}” is published."
    assert "Not checked" in client.get("/statements/old/").content.decode()


def test_a_list_publishes_by_the_same_rules(admin_client, held, meeting, umerov, unverified):
    saved(admin_client, address(Statement, "add"), filled(admin_client, held, meeting, umerov))
    both = [Statement.objects.get(slug="new"), unverified]
    several = {"action": "publish", "_selected_action": [statement.pk for statement in both]}
    told = said(admin_client.post(address(Statement, "changelist"), several, follow=True))
    assert told[-2:] == [
        "1 of 2: published.",
        f"“{unverified}”: Its words were not found in its source’s text.",
    ]
    assert [Statement.objects.get(pk=statement.pk).status for statement in both] == ["published", "draft"]


def test_words_are_not_published_by_moving_them_to_a_source_whose_text_lacks_them(
    admin_client, unheld, held, meeting, umerov
):
    made = add_statement(admin_client, unheld, meeting, umerov, exact="Nobody said this")
    form = opened(admin_client, change_page(made))
    form.set(source=held.pk, **WHY)
    assert "not in the source’s text" in unescape(refusal(admin_client, change_page(made), form))
    form = opened(admin_client, change_page(meeting))
    form.fill(form.of("statements", made), source=held.pk)
    form.set(**WHY)
    assert "not in the source’s text" in unescape(refusal(admin_client, change_page(meeting), form))


def test_a_mixed_statement_is_not_published_unverified_either(admin_client, held, meeting, umerov):
    form = filled(admin_client, held, meeting, umerov, exact="Nobody said this")
    form.set(quotation_type="mixed", text="He says that Nobody said this.")
    refusal(admin_client, address(Statement, "add"), form)
    inside = in_meeting(admin_client, held, meeting, umerov, exact="Nobody said this", quotation_type="mixed")
    refusal(admin_client, change_page(meeting), inside)


@pytest.mark.parametrize("inside", [False, True])
def test_where_the_text_is_not_held_words_are_published_with_a_mark_and_count_as_not_checked(
    admin_client, client, unheld, meeting, umerov, inside
):
    if inside:
        saved(admin_client, change_page(meeting), in_meeting(admin_client, unheld, meeting, umerov))
    else:
        saved(admin_client, address(Statement, "add"), filled(admin_client, unheld, meeting, umerov))
    made = Statement.objects.get(slug="new")
    assert pressed(admin_client, made, "publish") == UNCHECKED
    pressed(admin_client, made, "publish", mark=["unchecked"])
    made = Statement.objects.get(slug="new")
    assert (made.is_public, made.evidence_state, made.verified_on) == (True, "unchecked", None)
    assert "Not checked" in client.get("/statements/new/").content.decode()


@pytest.mark.parametrize("inside", [False, True])
def test_editing_verified_words_of_a_text_that_is_not_held_makes_them_not_checked(admin_client, meeting, inside):
    statement = Statement.objects.get(slug="lavrov-four-days")
    assert statement.evidence_state == "verified"
    with ledger.aside():
        Statement.objects.filter(pk=statement.pk).update(meeting=meeting)
    path = change_page(meeting) if inside else change_page(statement)
    form = opened(admin_client, path)
    if inside:
        row = form.of("statements", statement)
        form.fill(row, exact="a memorandum", text="He promised a memorandum.")
    else:
        form.set(text="He promised a memorandum.")
        form.fill(form.of("passages", statement.passages.get()), exact="a memorandum")
    form.set(**WHY)
    saved(admin_client, path, form)
    statement = Statement.objects.get(pk=statement.pk)
    assert (statement.evidence_state, statement.verified_on, statement.verified_sha256) == ("unchecked", None, "")


@pytest.mark.parametrize("inside", [False, True])
def test_words_moved_to_a_source_that_is_not_held_were_never_looked_for_there(admin_client, unheld, meeting, inside):
    statement = Statement.objects.get(slug="lavrov-four-days")
    with ledger.aside():
        Statement.objects.filter(pk=statement.pk).update(meeting=meeting)
    path = change_page(meeting) if inside else change_page(statement)
    form = opened(admin_client, path)
    form.fill(form.of("statements", statement) if inside else "", source=unheld.pk)
    form.set(**WHY)
    saved(admin_client, path, form)
    assert Statement.objects.get(pk=statement.pk).evidence_state == "unchecked"


@pytest.mark.parametrize("inside", [False, True])
def test_words_that_moved_with_another_text_get_their_new_place_when_they_are_saved(
    admin_client, held, meeting, umerov, inside
):
    made = add_statement(admin_client, held, meeting, umerov)
    keep(held, f"First. {TEXT}")
    path = change_page(meeting) if inside else change_page(made)
    form = opened(admin_client, path)
    form.fill(form.of("statements", made) if inside else "", cue="said")
    form.set(**WHY)
    saved(admin_client, path, form)
    made = Statement.objects.get(pk=made.pk)
    assert made.evidence_state == "verified"
    assert evidence_of(made)[1:3] == (START + 7, END + 7)


@pytest.mark.parametrize("inside", [False, True])
def test_all_passages_that_moved_get_their_new_places(admin_client, held, meeting, umerov, inside):
    form = filled(admin_client, held, meeting, umerov)
    form.set(text=f"{WORDS} […] He left at noon")
    form.add("passages", number=2, exact="He left at noon")
    saved(admin_client, address(Statement, "add"), form)
    made = Statement.objects.get(slug="new")
    before = [item.start for item in made.passages.in_order()]
    keep(held, f"First. {TEXT}")
    path = change_page(meeting) if inside else change_page(made)
    form = opened(admin_client, path)
    form.fill(form.of("statements", made) if inside else "", cue="said")
    saved(admin_client, path, form)
    assert [item.start for item in made.passages.in_order()] == [start + 7 for start in before]


# The check without saving.


def asked(client: Any, source: Any, exact: str) -> dict[str, Any]:
    answer = client.post(CHECK, {"source": source, "exact": exact})
    assert answer.status_code == 200
    return answer.json()


def test_the_check_fills_in_what_it_finds_and_stores_nothing(admin_client, held):
    before = stored()
    told = asked(admin_client, held.pk, WORDS)
    assert (told["found"], told["start"], told["end"], told["prefix"], told["suffix"]) == (True, *FOUND[1:])
    assert f"{START}–{END}" in told["says"]
    assert stored() == before


def test_the_check_takes_words_over_a_line_end_as_a_browser_sends_them(admin_client, held):
    assert asked(admin_client, held.pk, "at noon 🕊.\r\nSergei")["found"]


def test_the_check_offers_the_texts_words(admin_client, held):
    told = asked(admin_client, held.pk, WORDS.replace("both", "all the"))
    assert told["found"] is False
    assert "<del>all the</del><ins>both</ins>" in told["html"]
    assert unescape(re.search(r'data-exact="([^"]*)"', told["html"])[1]) == WORDS


@pytest.mark.parametrize(
    "source", ["", "abc", "0", "-1", "1.5", "9" * 18, "9" * 19, "9" * 40, "9" * 5000, "\0", "1\0", "٣", "²", "1 OR 1"]
)
def test_the_check_without_a_known_source_says_so(admin_client, held, source):
    told = asked(admin_client, source, WORDS)
    assert told["found"] is False
    assert told["says"]


@pytest.mark.parametrize("exact", ["", "a\0b", "\0", " ", "\r\n", "(", "\\", "[a-", "🕊" * 300, "e\u0301" * 50])
def test_the_check_takes_any_words(admin_client, held, exact):
    assert asked(admin_client, held.pk, exact)["found"] in (False, True)


def test_the_check_of_a_text_that_is_not_held_says_so(admin_client, unheld):
    told = asked(admin_client, unheld.pk, WORDS)
    assert told["found"] is False
    assert "not held" in told["says"]


def test_the_check_is_only_for_editors_and_only_by_post(admin_client, client, django_user_model, held):
    assert admin_client.get(CHECK).status_code == 405
    assert client.post(CHECK, {"source": held.pk, "exact": WORDS}).status_code == 302
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    answer = client.post(CHECK, {"source": held.pk, "exact": WORDS})
    assert answer.status_code == 403
    assert WORDS not in answer.content.decode()


def test_the_check_wants_the_forms_token(django_user_model, held):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(django_user_model.objects.create_superuser("editor"))
    assert strict.post(CHECK, {"source": held.pk, "exact": WORDS}).status_code == 403


# Quotations found in a text.


def found_page(source: Source) -> str:
    return reverse("admin:talks_source_quotations", args=[source.pk])


def proposed(client: Any, source: Source) -> Form:
    """The form of proposals, as a browser would send it."""
    answer = client.get(found_page(source))
    assert answer.status_code == 200
    return Form(answer.content.decode().replace('<form method="post">', '<form id="quotations_form" method="post">'))


def ticked(client: Any, source: Source, meeting: Meeting, *numbers: int) -> Form:
    form = proposed(client, source)
    form.set(meeting=meeting.pk, said_on="2026-02-02")
    for number in numbers:
        form.values[f"form-{number}-take"] = ["on"]
    return form


def proposals(form: Form) -> list[tuple[str, ...]]:
    count = int(form.values["form-TOTAL_FORMS"][0])
    names = ("places", "quotation_type", "cue", "speaker")
    return [tuple("".join(form.values[f"form-{number}-{name}"]) for name in names) for number in range(count)]


LASTING = TEXT.index("fair and lasting")
PLACES = [f"{START}-{END}", f"{LASTING}-{LASTING + 16}"]


def test_the_page_of_a_source_leads_to_the_quotations_in_its_text(admin_client, held):
    assert f'href="{found_page(held)}"' in admin_client.get(change_page(held)).content.decode()


def test_a_held_text_gives_proposals_with_their_speakers_and_none_is_ticked(admin_client, held, umerov):
    form = proposed(admin_client, held)
    lavrov = Person.objects.get(slug="sergei-lavrov")
    assert proposals(form) == [
        (PLACES[0], "direct", "said", str(umerov.pk)),
        (PLACES[1], "mixed", "promised", str(lavrov.pk)),
    ]
    assert not [name for name in form.values if name.endswith("-take")]
    assert form.values["form-0-text"] == [WORDS]


def test_ticked_proposals_become_drafts_with_exact_places_and_nothing_is_published(admin_client, held, meeting):
    answer = admin_client.post(found_page(held), ticked(admin_client, held, meeting, 0, 1).values)
    assert (answer.status_code, answer.headers["Location"]) == (302, change_page(held))
    made = {f"{item.start}-{item.end}": item for item in Passage.objects.filter(statement__source=held)}
    assert set(made) == set(PLACES)
    for passage in made.values():
        assert passage.exact == TEXT[passage.start : passage.end]
        assert (passage.prefix, passage.suffix) == evidence.context(TEXT, passage.start, passage.end)
        statement = passage.statement
        assert (statement.status, statement.first_published_at) == ("draft", None)
        assert (statement.meeting, statement.said_on) == (meeting, "2026-02-02")
        assert statement.evidence_state == "verified"
    assert "The river belongs" not in "".join(line for file in FILES for line in writer.lines(file))


def test_a_draft_counts_as_found_on_the_day_on_which_it_was_made(admin_client, held, meeting):
    admin_client.post(found_page(held), ticked(admin_client, held, meeting, 0).values)
    assert held.document_on != timezone.localdate()
    assert Statement.objects.get(source=held).verified_on == timezone.localdate()


def test_only_what_is_ticked_is_drafted_and_a_second_visit_leaves_it_out(admin_client, held, meeting):
    admin_client.post(found_page(held), ticked(admin_client, held, meeting, 1).values)
    assert Passage.objects.get(statement__source=held).start == LASTING
    assert [row[0] for row in proposals(proposed(admin_client, held))] == PLACES[:1]
    admin_client.post(found_page(held), ticked(admin_client, held, meeting, 0).values)
    assert "No quotation was found that is not drafted already." in admin_client.get(found_page(held)).content.decode()


def test_nothing_ticked_makes_nothing(admin_client, held, meeting):
    assert admin_client.post(found_page(held), ticked(admin_client, held, meeting).values).status_code == 302
    assert not held.statements.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("speaker", ""), ("slug", ""), ("slug", "no slug"), ("slug", "umerov-awaits-memorandum"), ("text", "Other words"),
     ("quotation_type", "poem"), ("text", "")],
)  # fmt: skip
def test_if_one_of_those_ticked_is_bad_none_is_drafted(admin_client, held, meeting, field, value):
    form = ticked(admin_client, held, meeting, 0, 1)
    form.fill("form-1-", **{field: value})
    answer = admin_client.post(found_page(held), form.values)
    assert answer.status_code == 200
    assert complaints(answer)
    assert not held.statements.exists()


def test_two_of_one_slug_are_not_drafted(admin_client, held, meeting):
    form = ticked(admin_client, held, meeting, 0, 1)
    form.fill("form-1-", slug=form.values["form-0-slug"][0])
    assert admin_client.post(found_page(held), form.values).status_code == 200
    assert not held.statements.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("meeting", ""), ("meeting", "x"), ("said_on", "yesterday"), ("said_on", "")]
)
def test_meeting_and_day_are_wanted(admin_client, held, meeting, field, value):
    form = ticked(admin_client, held, meeting, 0)
    form.fill("", **{field: value})
    answer = admin_client.post(found_page(held), form.values)
    assert answer.status_code == 200
    assert field in complaints(answer)
    assert not held.statements.exists()


@pytest.mark.parametrize(
    "places",
    ["99990-99999", f"{START}-99999", f"{len(TEXT) - 5}-{len(TEXT) + 5}", "5-5", "9-5", "", "x", "-5-3", "1-2-3", "1-2,", f"{10**30}-{10**31}",
     f"0-{'9' * 5000}", "٣-٩", "0-1," * 2000 + "0-1", "\0"],
    ids=lambda value: value[:20].encode("unicode_escape").decode(),
)  # fmt: skip
def test_forged_places_are_refused_and_are_no_fault(admin_client, held, meeting, places):
    form = ticked(admin_client, held, meeting, 0)
    form.fill("form-0-", places=places)
    answer = admin_client.post(found_page(held), form.values)
    assert answer.status_code == 200
    assert not held.statements.exists()


@pytest.mark.parametrize(
    "values",
    [{}, {"form-TOTAL_FORMS": "x", "form-INITIAL_FORMS": "0"}, {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0"}],
)  # fmt: skip
def test_a_forged_number_of_forms_is_no_fault(admin_client, held, meeting, values):
    answer = admin_client.post(found_page(held), {"meeting": meeting.pk, "said_on": "2026", **values})
    assert answer.status_code in (200, 302, 400)
    assert not held.statements.exists()


def test_a_text_that_is_not_held_gives_no_proposals_and_no_drafts(admin_client, unheld, held, meeting):
    assert "The text of this source is not held" in admin_client.get(found_page(unheld)).content.decode()
    form = ticked(admin_client, held, meeting, 0)
    assert admin_client.post(found_page(unheld), form.values).status_code == 200
    assert not unheld.statements.exists()


def test_the_quotations_of_a_text_are_only_for_editors(client, django_user_model, held, admin_client):
    assert client.get(found_page(held)).status_code == 302
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    for answer in (client.get(found_page(held)), client.post(found_page(held), {})):
        assert answer.status_code == 403
        assert "river" not in answer.content.decode()
    assert admin_client.get(reverse("admin:talks_source_quotations", args=[99999])).status_code == 404


@pytest.mark.report
def test_the_report_gives_its_three_quotations_and_no_other(admin_client, report_file):  # noqa: F811
    source = Source.objects.get(slug="myglobalnews-2025-05-29")
    Passage.objects.filter(statement__source=source).exclude(exact="").update(start=None, end=None)
    with_text(admin_client, source, upload=upload(report_file.read_bytes()))
    source.refresh_from_db()
    assert (source.document_sha256[:8], source.document_length) == ("cf4cf3d7", 2119)
    people = {slug: str(Person.objects.get(slug=slug).pk) for slug in ("rustem-umerov", "sergei-lavrov")}
    assert [(row[0], row[3]) for row in proposals(proposed(admin_client, source))] == [
        ("478-650", people["rustem-umerov"]),
        ("779-807", people["sergei-lavrov"]),
        ("855-865", people["sergei-lavrov"]),
    ]


# Checking again.


def check_again(client: Any, *sources: Source) -> Any:
    values = {"action": "check_again", "_selected_action": [source.pk for source in sources]}
    return client.post(address(Source, "changelist"), values, follow=True)


def test_checking_again_records_what_is_still_found(admin_client, held, meeting, umerov):
    made = add_statement(admin_client, held, meeting, umerov)
    keep(held, f"{TEXT}\nOne more line.")
    assert Statement.objects.get(pk=made.pk).evidence_state == "lost"
    told = check_again(admin_client, held).content.decode()
    assert "1 documents, 1 statements: 1 verified." in told
    made = Statement.objects.get(pk=made.pk)
    assert (made.evidence_state, made.verified_on) == ("verified", timezone.localdate())


def test_checking_again_says_what_is_no_longer_found_and_records_none_of_it(admin_client, held, meeting, umerov):
    made = add_statement(admin_client, held, meeting, umerov)
    keep(held, TEXT.replace("both banks", "one bank"))
    told = check_again(admin_client, held).content.decode()
    assert "1 not found. Some were not found." in told
    assert Statement.objects.get(pk=made.pk).evidence_state == "lost"


def test_checking_a_source_again_leaves_others_alone(admin_client, held, unheld, meeting, umerov):
    made = add_statement(admin_client, held, meeting, umerov)
    Statement.objects.filter(pk=made.pk).update(verified_on="2026-02-05")
    assert "nothing to check" in check_again(admin_client, unheld).content.decode()
    assert str(Statement.objects.get(pk=made.pk).verified_on) == "2026-02-05"


def test_whoever_may_only_look_at_sources_records_nothing(
    client, django_user_model, held, meeting, umerov, admin_client
):
    made = add_statement(admin_client, held, meeting, umerov)
    Statement.objects.filter(pk=made.pk).update(verified_on="2026-02-05")
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_source"))
    client.force_login(reader)
    check_again(client, held)
    assert str(Statement.objects.get(pk=made.pk).verified_on) == "2026-02-05"
