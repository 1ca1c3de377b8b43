"""The files of all data: they load in any order, come out byte for byte, and what does not fit is refused whole."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from talks.editing import ledger
from talks.editing.addresses import NO_REASON
from talks.fixtures import FILES, MODELS, key_fields
from talks.guards import public_tables
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

BUILT_IN = settings.BASE_DIR / "fixtures"
BYTES = {name: (BUILT_IN / f"{name}.json").read_bytes() for name in FILES}
LABELS = {model._meta.label_lower: model for model in MODELS}
NOUNS = [model for model in MODELS if issubclass(model, Noun)]
CHAINS = [(Meeting, "follows"), (Source, "derived_from"), (Statement, "variant_of")]

REPORT = "myglobalnews-2025-05-29"
QUOTATION = "umerov-awaits-memorandum"
MIXED = "lavrov-four-days"
NARRATION = "report-second-meeting"
MEETING = "istanbul-2025-06-02"
LATER = "istanbul-2025-07-23"
DIGEST = "cf4cf3d786c985ca2cb0eb2e6423052016a3e7fd1a1bd90fd63f5c6dc9e2d620"
INSTANTS = {"first_published_at": "2026-11-23T12:00:00Z", "changed_at": "2026-11-23T12:00:00Z"}

AWKWARD = {
    "astral characters": "🤝 𝔗alks 𠀀",
    "combining marks": "e\u0301 Å Å ﬁ \u1112\u1161\u11ab",
    "right to left": "\u2067שלום، مرحبا\u2069 \u200f",
    "every line break": "a\r\nb\rc\nd\u2028e\u2029f\x85g\x0bh\x0ci",
    "spaces at both ends": " \t\u00a0 words \u3000\ufeff ",
    "signs of JSON and HTML": '\\ " / \\u0041 </script> &amp; [] {}',
    "signs of control": "\x01\x1f\x7f\u200b\u00ad",
}


@pytest.fixture
def empty_database():
    with connection.cursor() as cursor:
        for table in public_tables():
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture
def folder(tmp_path):
    """A copy of fixtures/, to be edited."""
    return Path(shutil.copytree(BUILT_IN, tmp_path / "fixtures"))


def load(folder: Path, *names: str, **options: Any) -> None:
    paths = [str(folder / f"{name}.json") for name in names or FILES]
    call_command("loaddata", *paths, verbosity=0, **options)


def dump(folder: Path) -> dict[str, bytes]:
    call_command("dump_fixtures", str(folder), stdout=StringIO())
    return {name: (folder / f"{name}.json").read_bytes() for name in FILES}


def dumped(folder: Path) -> list[dict[str, Any]]:
    return [entry for content in dump(folder).values() for entry in json.loads(content)]


def brought_back(folder: Path) -> list[tuple[str, str]]:
    """Load the built-in data over what there is: the files come out as they were, but for what the public is told of
    it; gives whose and which columns those are.
    """
    load(BUILT_IN, force=True)
    found = dump(folder)
    told = json.loads(found.pop("corrections"))
    assert found == {name: content for name, content in BYTES.items() if name != "corrections"}
    assert {entry["fields"]["reason"] for entry in told} <= {NO_REASON}
    return [(entry["fields"]["noun"], entry["fields"].get("column", "")) for entry in told]


def everything() -> dict[str, list[str]]:
    """Every row of every table, the edition's too."""
    found = {}
    with connection.cursor() as cursor:
        for table in [*public_tables(), "talks_edition"]:
            cursor.execute(f"SELECT * FROM {table}")
            found[table] = sorted(repr(row) for row in cursor.fetchall())
    return found


def key(entry: dict[str, Any]) -> str:
    """How a message names the row: its slug, or its natural key joined by “ / ”."""
    values = [entry["fields"].get(name, 1) for name in key_fields(LABELS[entry["model"]])]
    return " / ".join(str(part) for value in values for part in (value if isinstance(value, list) else [value]))


@contextmanager
def edited(folder: Path, file: str) -> Iterator[list[dict[str, Any]]]:
    """The objects of a file as a list, written back when the block ends."""
    path = folder / f"{file}.json"
    entries = json.loads(path.read_text("utf-8"))
    yield entries
    path.write_text(json.dumps(entries), "utf-8")


def fields(entries: list[dict[str, Any]], model: Any, name: str) -> dict[str, Any]:
    """The fields of the row of this name, to be changed in place."""
    return next(entry["fields"] for entry in entries if LABELS[entry["model"]] is model and key(entry) == name)


def change(folder: Path, file: str, model: Any, row_name: str, /, **changes: Any) -> None:
    """Edit one object: set these fields, or leave them out where the value is `...`."""
    with edited(folder, file) as entries:
        row = fields(entries, model, row_name)
        row.update(changes)
        for field in [field for field, value in row.items() if value is ...]:
            del row[field]


def add(folder: Path, file: str, model: Any, **values: Any) -> None:
    with edited(folder, file) as entries:
        entries.append({"model": model._meta.label_lower, "fields": values})


def outcome(folder: Path, **options: Any) -> str:
    """What loaddata says in refusing the folder, or nothing if it was loaded and the database takes it."""
    try:
        with transaction.atomic():
            load(folder, **options)
            connection.check_constraints()
    except (CommandError, DatabaseError) as refused:
        return str(refused)
    return ""


def refusal(folder: Path, **options: Any) -> str:
    """What loaddata says in refusing the folder; nothing at all may have changed."""
    before = everything()
    with pytest.raises(CommandError) as caught:
        load(folder, **options)
    assert everything() == before
    return str(caught.value)


def test_what_was_loaded_is_dumped_byte_for_byte(tmp_path):
    assert dump(tmp_path) == BYTES


ORDERS = [list(FILES)[::-1], sorted(FILES), *(random.Random(seed).sample(list(FILES), len(FILES)) for seed in range(2))]


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_the_files_load_in_any_order(empty_database, tmp_path, order):
    load(BUILT_IN, *order)
    assert dump(tmp_path) == BYTES


def test_the_objects_of_all_files_load_from_one_file_in_any_order(empty_database, tmp_path):
    entries = [entry for content in BYTES.values() for entry in json.loads(content)]
    random.Random(1).shuffle(entries)
    (tmp_path / "all.json").write_text(json.dumps(entries), "utf-8")
    load(tmp_path, "all")
    assert dump(tmp_path) == BYTES


def test_a_file_has_an_object_a_line_in_the_order_of_slugs_and_nothing_internal():
    for name, content in BYTES.items():
        first, *rows, last = content.decode().split("\n")[:-1]
        assert (first, last) == ("[", "]")
        entries = [json.loads(row.removesuffix(",")) for row in rows]
        for model in FILES[name]:
            keys = [key(entry) for entry in entries if LABELS[entry["model"]] is model]
            assert keys == sorted(keys, key=lambda text: text.split(" / "))
        for entry in entries:
            assert set(entry) == {"model", "fields"}
            assert not {"id", "pk", "created_at", "updated_at", "date_from", "published_from"} & set(entry["fields"])


def test_derived_days_are_filled_by_loading(empty_database):
    load(BUILT_IN)
    meeting = Meeting.objects.get(slug=MEETING)
    source = Source.objects.get(slug="wikipedia-de-umerov-2023")
    undated = Source.objects.get(slug="cgtn")
    assert (str(meeting.date_from), str(meeting.date_to)) == ("2025-06-02", "2025-06-02")
    assert (str(source.published_from), str(source.published_to)) == ("2023-10-01", "2023-10-31")
    assert (undated.published_from, undated.published_to) == (None, None)


def test_a_database_that_is_not_empty_is_refused_in_one_clear_line():
    told = refusal(BUILT_IN)
    assert told == "The database is not empty. With --force, records of the same slug are written over."


def test_one_draft_is_enough_not_to_be_empty(empty_database):
    Party.objects.create(slug="nowhere", name="Nowhere")
    assert "not empty" in refusal(BUILT_IN)
    assert Party.objects.count() == 1


def test_a_file_that_is_not_there_is_refused(empty_database, tmp_path):
    assert "No fixture named" in refusal(tmp_path)


def test_forcing_the_same_data_changes_nothing_but_the_edition(tmp_path):
    numbers = {model: list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in MODELS}
    load(BUILT_IN, force=True)
    assert {model: list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in MODELS} == numbers
    assert dump(tmp_path) == BYTES


def test_forcing_brings_edited_texts_and_lists_back(tmp_path):
    statement = Statement.objects.get(slug="lavrov-on-rubio-call")
    with ledger.aside():
        Statement.objects.filter(pk=statement.pk).update(text="Something else.", cue="", lead_order=9)
        statement.mentions.set(Person.objects.filter(slug__in=["hakan-fidan", "vladimir-putin"]))
        Meeting.objects.get(slug=MEETING).rests_on.clear()
        Person.objects.filter(slug="rustem-umerov").update(also_written=["X"], native_name="", native_language="")
        Source.objects.filter(slug=REPORT).update(derived_from=None, title="A headline")
        MeetingState.objects.filter(note="The joint session lasted about 40 minutes.").update(note="")
        Passage.objects.filter(statement__slug=QUOTATION).update(prefix="", start=0, end=172)
    assert sorted(brought_back(tmp_path)) == [
        (MEETING, "rests_on"),
        (LATER, "states"),
        ("lavrov-on-rubio-call", "cue"),
        ("lavrov-on-rubio-call", "mentions"),
        ("lavrov-on-rubio-call", "text"),
        (REPORT, "derived_from"),
        (REPORT, "title"),
        ("rustem-umerov", "also_written"),
        ("rustem-umerov", "native_language"),
        ("rustem-umerov", "native_name"),
    ]


def test_forcing_brings_back_what_was_deleted_changed_its_day_or_was_no_longer_published(tmp_path):
    meeting = Meeting.objects.get(slug=LATER)
    with ledger.aside():
        EditorsNote.objects.get(slug="e09-translation").delete()
        DelegationMember.objects.filter(delegation__slug="russia-istanbul-2025-06-02").delete()
        MeetingState.objects.filter(meeting__slug=LATER).delete()
        meeting.date = "2025-08"
        meeting.save()
        Statement.objects.filter(slug="umerov-leaders").update(status="draft")
    # What comes back is news, and the states of a meeting are too; what stood there meanwhile is corrected.
    assert brought_back(tmp_path) == [("russia-istanbul-2025-06-02", "members"), (LATER, "date")]
    meeting.refresh_from_db()
    assert (str(meeting.date_from), str(meeting.date_to)) == ("2025-07-23", "2025-07-23")


def test_forcing_keeps_what_is_not_in_the_files(tmp_path):
    SourceText.objects.create(source=Source.objects.get(slug=REPORT), text=" kept as it is \r\n")
    Party.objects.create(slug="a-draft", name="A draft")
    Party.objects.create(slug="zzz", name="Published by an editor", status="published")
    made = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    for model in NOUNS:
        model.objects.update(created_at=made)
    load(BUILT_IN, force=True)
    assert SourceText.objects.get(source__slug=REPORT).text == " kept as it is \r\n"
    assert not SourceText.objects.get(source__slug=REPORT).is_public
    assert Party.objects.get(slug="a-draft").status == "draft"
    assert all(set(model.objects.values_list("created_at", flat=True)) == {made} for model in NOUNS)
    with ledger.aside():
        Party.objects.filter(slug="zzz").update(status="draft")
    assert dump(tmp_path) == BYTES


def test_forcing_one_file_finds_the_nouns_of_the_others_in_the_database(folder):
    add(folder, "parties", Party, slug="china", name="China", code="CN")
    load(folder, "parties", force=True)
    add(folder, "people", Person, slug="somebody", name="Somebody", sort_name="Somebody", party=["china"])
    load(folder, "people", force=True)
    assert Person.objects.get(slug="somebody").party.code == "CN"


def test_forcing_moves_the_featured_meeting_back(tmp_path):
    Meeting.objects.filter(slug=MEETING).update(featured=False)
    Meeting.objects.filter(slug=LATER).update(featured=True)
    load(BUILT_IN, force=True)
    assert dump(tmp_path) == BYTES


def test_forcing_moves_the_head_of_a_delegation_back(tmp_path):
    members = DelegationMember.objects.filter(delegation__slug="ukraine-istanbul-2025-05-16")
    with ledger.aside():
        members.filter(role="head").update(role="member")
        members.filter(person__slug="serhiy-kyslytsia").update(role="head")
    assert brought_back(tmp_path) == [("ukraine-istanbul-2025-05-16", "members")]


@pytest.mark.parametrize(
    ("model", "field", "later"),
    [(Meeting, "follows", "belovezhskaya-pushcha-2022-03-03"), (Source, "derived_from", "gazeta-echo-medinsky"),
     (Statement, "variant_of", "lavrov-confirms-date")],
)  # fmt: skip
def test_forcing_turns_a_chain_back(tmp_path, model, field, later):
    later = model.objects.get(slug=later)
    earlier = getattr(later, field)
    with ledger.aside():
        model.objects.filter(pk=later.pk).update(**{field: None})
        model.objects.filter(pk=earlier.pk).update(**{field: later})
    assert set(brought_back(tmp_path)) == {(later.slug, field), (earlier.slug, field)}


def test_forcing_turns_quoted_words_back_into_ours(tmp_path):
    passage = Passage.objects.get(statement__slug="lavrov-confirms-date")
    with ledger.aside():
        Statement.objects.filter(pk=passage.statement_id).update(quotation_type="mixed")
        Passage.objects.filter(pk=passage.pk).update(exact="x" * (passage.end - passage.start))
    assert set(brought_back(tmp_path)) == {
        ("lavrov-confirms-date", "quotation_type"),
        ("lavrov-confirms-date", "passages"),
    }


@pytest.mark.parametrize("slug", [QUOTATION, "umerov-awaits-memorandum-liga"])
def test_forcing_leaves_no_statement_that_its_passages_do_not_fit(slug):
    statement = Statement.objects.get(slug=slug)
    Statement.objects.filter(pk=statement.pk).update(quotation_type="mixed", text=f"{statement.text} x")
    Passage.objects.create(statement=statement, number=9, exact="x")
    told = outcome(BUILT_IN, force=True)
    statement.refresh_from_db()
    fits = check_evidence(statement, list(statement.passages.all())) == {}
    assert slug in told or (fits and not told)


# file, model, row, changes (... leaves the field out), then what the message names: row, field, value.
# Where nothing more stands than the changes, it names the row, and the first changed field with its new value.
BAD: dict[str, tuple[Any, ...]] = {
    "a dangling slug": ("statements", Statement, QUOTATION, {"meeting": ["nowhere-2025"]}),
    "a dangling slug of the same file": ("sources", Source, REPORT, {"derived_from": ["nobody"]}),
    "a dangling slug in a list": (
        "statements", Statement, QUOTATION, {"mentions": [["rustem-umerov"], ["nobody"]]}, QUOTATION, "mentions", ["nobody"]
    ),
    "a slug of another noun": ("statements", Statement, QUOTATION, {"meeting": ["ukraine"]}),
    "a reference that is no list": ("statements", Statement, QUOTATION, {"meeting": MEETING}),
    "a reference by number": ("statements", Statement, QUOTATION, {"meeting": 1}),
    "a reference to several": ("statements", Statement, QUOTATION, {"meeting": [MEETING, LATER]}),
    "a required reference left out": ("statements", Statement, QUOTATION, {"source": ...}, QUOTATION, "source", None),
    "a dangling owner": (
        "statements", Passage, f"{MIXED} / 1", {"statement": ["nobody"]}, "nobody / 1", "statement", ["nobody"]
    ),
    "a mixed statement without exact": (
        "statements", Passage, f"{MIXED} / 1", {"exact": ...}, MIXED, "exact", [""]
    ),
    "words of the source in an indirect statement": (
        "statements", Statement, QUOTATION, {"quotation_type": "indirect", "verified_on": ..., "verified_sha256": ...},
        QUOTATION, "exact",
    ),
    "a direct text that is not its passages": ("statements", Statement, QUOTATION, {"text": "We are not opposed"}),
    "a mixed text that lacks the quoted words": ("statements", Statement, MIXED, {"text": "He promised a text."}),
    "start after end": ("statements", Passage, f"{QUOTATION} / 1", {"start": 651}),
    "start at end": ("statements", Passage, "report-second-meeting / 1", {"start": 268}),
    "start before the text": ("statements", Passage, f"{QUOTATION} / 1", {"start": -1}),
    "start without end": ("statements", Passage, f"{QUOTATION} / 1", {"end": ...}, f"{QUOTATION} / 1", "start", 478),
    "an end that does not fit the words": ("statements", Passage, f"{QUOTATION} / 1", {"end": 649}),
    "a passage without words or place": (
        "statements", Passage, "report-second-meeting / 1", {"start": ..., "end": ...}, "report-second-meeting / 1", "exact", ""
    ),
    "a date that is none": ("meetings", Meeting, MEETING, {"date": "2 June 2025"}),
    "a day that is none": ("statements", Statement, QUOTATION, {"said_on": "2025-02-29"}),
    "an interval that ends before it begins": ("sources", Source, REPORT, {"published_on": "2025-05-29/2025-05-28"}),
    "a required date left out": ("meetings", Meeting, MEETING, {"date": ...}, MEETING, "date", ""),
    "a plain day that is none": ("editors_notes", EditorsNote, "e05-year", {"reported_on": "2025-13-01"}),
    "an instant that is none": ("parties", Party, "ukraine", {"changed_at": "yesterday"}),
    "instants out of order": ("parties", Party, "ukraine", {"changed_at": "2020-01-01T00:00:00Z"}),
    "a second head": (
        "delegations", DelegationMember, "ukraine-istanbul-2025-05-16 / serhiy-kyslytsia", {"role": "head"},
        "ukraine-istanbul-2025-05-16 / ", "role", "head",
    ),
    "a second delegation of a party": (
        "delegations", Delegation, "turkiye-istanbul-2025-05-16", {"party": ["russia"]}, "istanbul-2025-05-16", "party", "Russia"
    ),
    "a second featured meeting": ("meetings", Meeting, LATER, {"featured": True}, LATER, "featured", "True"),
    "a cycle of follows": ("meetings", Meeting, "gomel-region-2022-02-28", {"follows": [LATER]}),
    "a meeting that follows itself": ("meetings", Meeting, MEETING, {"follows": [MEETING]}),
    "a cycle of derived_from": ("sources", Source, "cgtn", {"derived_from": [REPORT]}),
    "a cycle of variant_of": ("statements", Statement, QUOTATION, {"variant_of": [f"{QUOTATION}-tass"]}),
    "an unknown field": ("statements", Statement, QUOTATION, {"colour": "red"}),
    "an internal field": ("statements", Statement, QUOTATION, {"created_at": "2026-01-01T00:00:00Z"}),
    "a derived field": ("meetings", Meeting, MEETING, {"date_from": "2025-06-02"}),
    "a number of the database": ("parties", Party, "ukraine", {"id": 1}),
    "a slug that is none": ("parties", Party, "ukraine", {"slug": "no slug"}, "no slug", "slug", "no slug"),
    "an unknown choice": ("statements", Statement, QUOTATION, {"quotation_type": "poem"}),
    "an unknown state": (
        "meetings", MeetingState, f"{LATER} / held / 2025-07-23 / pravda-com-ua-2025-07-23", {"state": "over"},
        f"{LATER} / over / 2025-07-23 / pravda-com-ua-2025-07-23", "state", "over",
    ),
    "an unknown status": ("parties", Party, "ukraine", {"status": "gone"}),
    "a published record without instants": (
        "parties", Party, "ukraine", {"first_published_at": ..., "changed_at": ...}, "ukraine", "first_published_at", None
    ),
    "a published record without its last change": (
        "parties", Party, "ukraine", {"changed_at": ...}, "ukraine", "changed_at", None
    ),
    "a withdrawn record without a reason": (
        "statements", Statement, QUOTATION, {"status": "withdrawn"}, QUOTATION, "withdrawn_on", None
    ),
    "a published statement about a draft meeting": (
        "meetings", Meeting, LATER, {"status": "draft"}, "medinsky-far-apart", "meeting", [LATER]
    ),
    "a published statement from a draft source": (
        "sources", Source, REPORT, {"status": "review"}, QUOTATION, "source", [REPORT]
    ),
    "a narration with a speaker": ("statements", Statement, NARRATION, {"speaker": ["sergei-lavrov"]}),
    "a narration with a printed speaker": (
        "statements", Statement, NARRATION, {"speaker_as_printed": "Lavrov"}, NARRATION, "speaker", None
    ),
    "a quotation of nobody": ("statements", Statement, QUOTATION, {"speaker": ...}, QUOTATION, "speaker", None),
    "reported speech of nobody": (
        "statements", Statement, "umerov-leaders", {"speaker": ...}, "umerov-leaders", "speaker", None
    ),
    "a digest that is none": ("sources", Source, REPORT, {"document_sha256": DIGEST[:-1]}),
    "a digest in capitals": ("statements", Statement, QUOTATION, {"verified_sha256": DIGEST.upper()}),
    "a digest without the day of the check": (
        "statements", Statement, QUOTATION, {"verified_on": ...}, QUOTATION, "verified_on", None
    ),
    "a digest without a length": (
        "sources", Source, REPORT, {"document_length": ...}, REPORT, "document_sha256", DIGEST
    ),
    "a length that is no number": ("sources", Source, REPORT, {"document_length": "long"}),
    "a source without title and description": ("sources", Source, "tass", {"described_as": ...}, "tass", "title", ""),
    "an address that is none": ("sources", Source, REPORT, {"url": "javascript:alert(1)"}),
    "an archived copy without a day": (
        "sources", Source, REPORT, {"archive_url": "https://example.org/"}, REPORT, "archived_on", None
    ),
    "a language that is none": ("statements", Statement, QUOTATION, {"language": "English!"}),
    "a native name without its language": (
        "people", Person, "rustem-umerov", {"native_language": ...}, "rustem-umerov", "native_language", ""
    ),
    "a spelling with the sign between spellings": ("people", Person, "rustem-umerov", {"also_written": ["Umerov|Oumerov"]}),
    "a spelling twice": ("people", Person, "rustem-umerov", {"also_written": ["Oumerov", "Oumerov"]}),
    "spellings that are no list": ("people", Person, "rustem-umerov", {"also_written": "Oumerov"}),
    "a Wikidata id that is none": ("people", Person, "rustem-umerov", {"wikidata_id": "64842485"}),
    "a country code that is none": ("parties", Party, "ukraine", {"code": "UKR"}),
    "a name that is too long": ("parties", Party, "ukraine", {"name": "U" * 201}),
    "a name that is empty": ("parties", Party, "ukraine", {"name": ""}),
    "a name that is null": ("parties", Party, "ukraine", {"name": None}),
    "a yes or no that is neither": ("meetings", Meeting, MEETING, {"featured": "perhaps"}),
    "a list that is none": ("statements", Statement, QUOTATION, {"mentions": "sergei-lavrov"}, QUOTATION, "mentions"),
    "a number beyond every database": ("statements", Passage, "report-second-meeting / 1", {"end": 2**80}),
}  # fmt: skip


STRANGE: dict[str, tuple[Any, ...]] = {
    "a list that is a number": ("statements", Statement, QUOTATION, {"mentions": 5}),
    "a list that is null": ("statements", Statement, QUOTATION, {"mentions": None}),
    "a noun twice in a list": (
        "statements", Statement, QUOTATION, {"mentions": [["sergei-lavrov"], ["sergei-lavrov"]]}, QUOTATION, "mentions"
    ),
    "a day that is a number": ("sources", Source, REPORT, {"accessed_on": 20250529}),
    "an instant that is a list": ("parties", Party, "ukraine", {"changed_at": ["2026-11-23T12:00:00Z"]}),
    "a text that is a list": ("people", Person, "rustem-umerov", {"description": ["Minister"]}),
    "a text that is a number": ("people", Person, "rustem-umerov", {"description": 5}),
    "a number without end": ("sources", Source, REPORT, {"document_length": float("inf")}),
    "a NUL in a text": ("people", Person, "rustem-umerov", {"description": "a\0b"}),
    "half of a surrogate pair": ("people", Person, "rustem-umerov", {"description": "a\ud800b"}),
}  # fmt: skip


def check_refusal(folder: Path, bad: tuple[Any, ...], **options: Any) -> None:
    file, model, name, changes, *rest = bad
    change(folder, file, model, name, **changes)
    named, field, *values = rest or (name, *next(iter(changes.items())))
    told = refusal(folder, **options)
    assert told.startswith("Nothing was loaded.\n")
    value = json.dumps(values[0], ensure_ascii=False)[:100] if values else ""
    lines = [line for line in told.splitlines() if f": {field}: {value}" in line]
    assert [line for line in lines if ".json: " in line and named in line], told


@pytest.mark.parametrize("bad", BAD.values(), ids=list(BAD))
def test_bad_input_is_refused_with_file_slug_field_and_value(empty_database, folder, bad):
    check_refusal(folder, bad)


@pytest.mark.parametrize("bad", STRANGE.values(), ids=list(STRANGE))
def test_values_of_a_strange_kind_are_refused_as_well(empty_database, folder, bad):
    check_refusal(folder, bad)


@pytest.mark.parametrize(
    "name",
    ["a dangling slug in a list", "a mixed statement without exact", "a direct text that is not its passages",
     "a second head", "a second featured meeting", "a cycle of follows", "an unknown field",
     "a published record without instants", "a published statement about a draft meeting"],
)  # fmt: skip
def test_forcing_refuses_the_same_and_leaves_everything_as_it_was(folder, name):
    check_refusal(folder, BAD[name], force=True)


def test_a_mixed_statement_without_any_passage_is_refused(empty_database, folder):
    with edited(folder, "statements") as entries:
        entries[:] = [entry for entry in entries if key(entry) != f"{MIXED} / 1"]
    assert f"statements.json: {MIXED}: exact: []: A mixed quotation has" in refusal(folder)


def test_forcing_refuses_to_unpublish_what_published_rows_of_the_database_need(folder):
    change(folder, "meetings", Meeting, LATER, status="draft")
    with pytest.raises(CommandError, match=LATER):
        load(folder, "meetings", force=True)


def test_forcing_refuses_a_second_featured_meeting_by_name(folder):
    Meeting.objects.filter(slug=MEETING).update(featured=False)
    Meeting.objects.create(slug="geneva-2027", title="Geneva", date="2027", featured=True)
    assert f"meetings.json: {MEETING}: featured: " in refusal(folder, force=True)


def test_a_slug_twice_is_refused(empty_database, folder):
    add(folder, "parties", Party, slug="ukraine", name="Again")
    assert 'parties.json: ukraine: slug: "ukraine": stands in the files twice' in refusal(folder)


def test_a_slug_twice_in_two_files_is_refused(empty_database, folder):
    shutil.copy(folder / "parties.json", folder / "again.json")
    with pytest.raises(CommandError, match=r"again\.json: ukraine: slug: "):
        load(folder, *FILES, "again")
    assert not Party.objects.exists()


def test_a_row_without_a_slug_twice_is_refused(empty_database, folder):
    add(folder, "statements", Passage, statement=[QUOTATION], exact="x")
    assert f"statements.json: {QUOTATION} / 1: " in refusal(folder)


@pytest.mark.parametrize("slug", [..., "", None], ids=repr)
def test_a_missing_slug_is_refused_with_the_number_of_the_object(empty_database, folder, slug):
    change(folder, "parties", Party, "ukraine", slug=slug)
    assert "parties.json: object 3: slug: " in refusal(folder)


@pytest.mark.parametrize("label", ["talks.poem", "auth.user", "talks.edition", None, 5])
def test_an_unknown_model_is_refused_with_the_number_of_the_object(empty_database, folder, label):
    with edited(folder, "parties") as entries:
        entries[1]["model"] = label
    told = refusal(folder)
    assert "parties.json: object 2: model: " in told
    assert repr(label) in told


@pytest.mark.parametrize(
    "content",
    [b"", b"[", b"{}", b"5", b"null", b'"x"', b"[5]", b"[[]]", b'[{"model": "talks.party"}]', b"[{}]", b"[],",
     b'[{"model": "talks.party", "fields": []}]', b"[\xff]", b'["\xc3("]', b"\xef\xbb\xbf[]", "[]".encode("utf-16"), b"[" * 100_000],
    ids=lambda content: repr(content[:30]),
)  # fmt: skip
def test_a_file_that_is_none_of_ours_is_refused_by_name(empty_database, folder, content):
    (folder / "parties.json").write_bytes(content)
    assert "Nothing was loaded.\nparties.json: " in refusal(folder)


def test_many_faults_are_told_together_but_not_without_end(empty_database, folder):
    with edited(folder, "sources") as entries:
        for entry in entries:
            entry["fields"]["kind"] = "rumour"
    told = refusal(folder).splitlines()
    assert len(told) == 42
    assert told[-1] == f"… and {Source.objects.count() + len(entries) - 40} more"


@pytest.mark.parametrize("text", AWKWARD.values(), ids=list(AWKWARD))
def test_awkward_texts_come_back_as_they_were(empty_database, folder, tmp_path, text):
    change(folder, "people", Person, "rustem-umerov", description=text, also_written=[text], native_name=text)
    change(folder, "statements", Statement, QUOTATION, text=text, cue=text[:50])
    change(folder, "statements", Passage, f"{QUOTATION} / 1", exact=text, prefix=text, suffix=text, end=478 + len(text))
    add(folder, "sources", SourceText, source=["tass"], text=text, is_public=True)
    load(folder)
    person, statement = Person.objects.get(slug="rustem-umerov"), Statement.objects.get(slug=QUOTATION)
    passage = statement.passages.get()
    held = SourceText.objects.get().text
    assert {person.description, *person.also_written, person.native_name, statement.text, held} == {text}
    assert (passage.exact, passage.prefix, passage.suffix) == (text, text, text)
    first = dump(tmp_path / "first")
    with connection.cursor() as cursor:
        for table in public_tables():
            cursor.execute(f"DELETE FROM {table}")
    load(tmp_path / "first")
    assert dump(tmp_path / "second") == first


@pytest.mark.usefixtures("unnoted")
def test_a_draft_is_not_in_the_dump_nor_is_anything_that_leads_to_it(tmp_path):
    slugs = [f"{QUOTATION}-pravda", QUOTATION, "marco-rubio", "rubio-common-ground", "rubio-ready-to-help", "afp"]
    for model in (Statement, Person, Source):
        model.objects.filter(slug__in=slugs).update(status="draft")
    content = b"".join(dump(tmp_path).values()).decode()
    for slug in slugs:
        assert f'"{slug}"' not in content
    kept = fields(dumped(tmp_path), Statement, f"{QUOTATION}-tass")
    assert "variant_of" not in kept
    assert fields(dumped(tmp_path), Statement, "bruce-on-rubio-call")["mentions"] == [["sergei-lavrov"]]
    assert "statements" not in fields(dumped(tmp_path), EditorsNote, "e09-translation")


@pytest.mark.usefixtures("unnoted")
@pytest.mark.parametrize("status", ["draft", "review"])
def test_a_row_that_rests_on_an_unpublished_source_is_not_in_the_dump(tmp_path, status):
    Source.objects.filter(slug="hurriyet-2025-05-16").update(status=status)
    entries = dumped(tmp_path)
    assert not [entry for entry in entries if "hurriyet-2025-05-16" in json.dumps(entry)]
    people = [key(entry) for entry in entries if entry["model"] == "talks.delegationmember"]
    assert "turkiye-istanbul-2025-05-16 / hakan-fidan" not in people


def test_drafts_in_a_file_are_loaded_and_stay_in_the_house(empty_database, folder, tmp_path):
    add(folder, "parties", Party, slug="a-draft", name="A draft")
    add(folder, "people", Person, slug="someone", name="Someone", sort_name="Someone", party=["a-draft"])
    load(folder)
    assert Person.objects.get(slug="someone").party.status == "draft"
    assert Person.objects.get(slug="someone").first_published_at is None
    assert dump(tmp_path / "out") == BYTES


def test_a_private_text_of_a_source_is_never_in_the_dump(tmp_path):
    SourceText.objects.create(source=Source.objects.get(slug=REPORT), text="the words of the report")
    assert dump(tmp_path) == BYTES


def test_a_public_text_of_a_source_is_in_the_dump_and_loads_again(tmp_path, folder):
    text = "Public\u2028words \r\n"
    SourceText.objects.create(source=Source.objects.get(slug=REPORT), text=text, is_public=True)
    dump(tmp_path / "out")
    row = fields(json.loads((tmp_path / "out/sources.json").read_text("utf-8")), SourceText, REPORT)
    assert row == {"source": [REPORT], "text": text, "is_public": True}
    SourceText.objects.update(text="other", is_public=False)
    load(tmp_path / "out", force=True)
    assert (SourceText.objects.get().text, SourceText.objects.get().is_public) == (text, True)
    Source.objects.filter(slug=REPORT).update(status="draft")
    assert "talks.sourcetext" not in {entry["model"] for entry in dumped(tmp_path / "out")}


def test_statements_in_several_passages_and_a_public_digest_come_back(empty_database, folder, tmp_path):
    change(folder, "statements", Statement, QUOTATION, text="We are not opposed […] so")
    change(folder, "statements", Passage, f"{QUOTATION} / 1", exact="We are not opposed", end=496)
    add(folder, "statements", Passage, statement=[QUOTATION], number=2, exact="so", start=600, end=602)
    load(folder)
    assert [passage.exact for passage in Statement.objects.get(slug=QUOTATION).passages.order_by("number")] == [
        "We are not opposed", "so",
    ]  # fmt: skip
    rows = [entry for entry in dumped(tmp_path) if entry["model"] == "talks.passage"]
    assert [key(row) for row in rows if row["fields"]["statement"] == [QUOTATION]] == [
        f"{QUOTATION} / 1",
        f"{QUOTATION} / 2",
    ]
