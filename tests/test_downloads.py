"""Downloads: ready files with digest, length and single ranges, seen without a restart."""

from __future__ import annotations

import hashlib

import pytest
from django.core.management import call_command

from talks.models import Meeting, Release

pytestmark = pytest.mark.django_db
FILE = "/data/releases/1/statements.csv"


def get(client, address=FILE, **headers):
    answer = client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer.whole = answer.getvalue()
    return answer


def test_a_file_comes_whole_with_its_length_and_digest(client, release, releases):
    answer, wanted = get(client), (releases / "1" / "statements.csv").read_bytes()
    assert answer.status_code == 200
    assert answer.whole == wanted
    assert answer["Content-Length"] == str(len(wanted))
    assert answer["ETag"] == f'"{hashlib.sha256(wanted).hexdigest()}"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "immutable" in answer["Cache-Control"]
    assert "Set-Cookie" not in answer


def test_every_file_of_a_release_answers_with_what_is_written_about_it(client, release, releases):
    assert {file["name"] for file in release.files} == {path.name for path in (releases / "1").iterdir()}
    for file in release.files:
        answer = get(client, f"/data/releases/1/{file['name']}")
        content = answer.whole
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
        assert answer["Content-Type"] == file["type"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 0), ("0-9", 0, 9), ("10-", 10, -1), ("-5", -5, -1), ("5-99999999", 5, -1), ("-99999999", 0, -1)],
)
def test_a_single_range_gives_that_part(client, release, releases, asked, first, last):
    whole = (releases / "1" / "statements.csv").read_bytes()
    size = len(whole)
    begin, end = first % size if first < 0 else first, last % size if last < 0 else last
    answer = get(client, Range=f"bytes={asked}")
    assert answer.status_code == 206
    assert answer.whole == whole[begin : end + 1]
    assert answer["Content-Range"] == f"bytes {begin}-{end}/{size}"
    assert answer["Content-Length"] == str(end + 1 - begin)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0", "bytes=99999999-999999999"])
def test_a_range_that_the_file_has_not_is_a_416(client, release, asked):
    answer = get(client, Range=asked)
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{release.file('statements.csv')['bytes']}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b", "bytes=-", "bytes", "", "bytes=٣-٤", "bytes=1-2-3"],
)
def test_a_range_that_is_none_is_left_out(client, release, asked):
    answer = get(client, Range=asked)
    assert (answer.status_code, answer["Content-Length"]) == (200, str(release.file("statements.csv")["bytes"]))


def test_if_range_gives_the_part_of_the_same_file_only(client, release):
    tag = get(client)["ETag"]
    assert get(client, Range="bytes=0-1", If_Range=tag).status_code == 206
    assert get(client, Range="bytes=0-1", If_Range='"other"').status_code == 200
    assert get(client, Range="bytes=0-1", If_Range=f"W/{tag}").status_code == 200
    assert get(client, Range="bytes=0-1", If_Range="Mon, 23 Nov 2026 10:00:00 GMT").status_code == 200


def test_a_file_that_the_client_has_is_a_304(client, release):
    tag = get(client)["ETag"]
    for known in (tag, f"W/{tag}", f'"a", {tag}', "*"):
        answer = get(client, If_None_Match=known)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert get(client, If_None_Match='"other"').status_code == 200


def test_head_has_the_headers_and_no_body_and_no_range(client, release):
    answer = client.head(FILE, headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.getvalue()) == (200, b"")
    assert answer["Content-Length"] == str(release.file("statements.csv")["bytes"])


@pytest.mark.parametrize(
    "address",
    ["/data/releases/2/statements.csv", "/data/releases/1/none.csv", "/data/releases/1/..%2f1%2fstatements.csv",
     "/data/releases/0/statements.csv", "/data/releases/99999999999999999999/statements.csv",
     "/data/releases/1/%2e%2e/secret_key", "/data/releases/1/.lock", "/data/latest/none", "/data/releases/01/README.md"],
)  # fmt: skip
def test_what_is_no_file_of_a_release_is_a_404(client, release, address):
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_file_that_was_taken_away_is_a_404_and_no_fault(client, release, releases):
    (releases / "1" / "statements.csv").unlink()
    assert get(client).status_code == 404


def test_latest_leads_to_the_latest_release(client, release):
    answer = client.get("/data/latest/statements.csv")
    assert (answer.status_code, answer["Location"]) == (302, FILE)
    Meeting.objects.filter(featured=True).update(summary="Another.")
    call_command("release", verbosity=0)
    assert client.get("/data/latest/statements.csv")["Location"] == "/data/releases/2/statements.csv"
    archive = client.get("/data/latest/talks-in-context.zip")["Location"]
    assert archive == "/data/releases/2/talks-in-context-2.zip"
    assert get(client).status_code == 200


def test_the_data_page_tells_of_every_release(client, release, django_assert_max_num_queries):
    Meeting.objects.filter(featured=True).update(summary="Another.")
    call_command("release", verbosity=0)
    with django_assert_max_num_queries(4):
        html = client.get("/data/").content.decode()
    for one in Release.objects.all():
        assert f'href="/data/releases/{one.number}/"' in html
        assert one.archive["sha256"] in html
        assert one.citation in html
    assert "meetings: 1 changed" in html


def test_a_releases_page_lists_its_files(client, release):
    html = client.get("/data/releases/1/").content.decode()
    for file in release.files:
        assert file["sha256"] in html
        assert f'href="/data/releases/1/{file["name"]}"' in html


def test_a_file_needs_two_questions_to_the_database(client, release, django_assert_num_queries):
    with django_assert_num_queries(2):  # the edition, the release
        get(client)
