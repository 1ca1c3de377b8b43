"""Several machines, played by processes of one: two public processes, an editor's, nginx before them; on PostgreSQL one
public process reads a streaming replica. Nothing is timed: where it waits, it waits for what must come.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from tests.machines import nginx, primary_and_replica
from tests.servers import POSTGRES, Place, a_place, ask, borrow_environment, descendants, until

pytestmark = [pytest.mark.live, pytest.mark.nginx]
on_postgresql = pytest.mark.postgresql

PAGE = "/meetings/istanbul-2025-06-02/"
SECONDS = 2  # PROXY_SECONDS
DESK = "desk.talks.example.org"
BOTH = {"PROXY_SECONDS": str(SECONDS), "ALLOWED_HOSTS": f"127.0.0.1,{DESK}"}
titles = (f"Named anew {number}" for number in count(1))


class Site(NamedTuple):
    """Ports: of the process at the primary, of the one at the replica, of the editor's, of nginx."""

    place: Place
    near: int
    far: int
    editor: int
    proxy: int
    pids: list[int]
    folder: Path

    def edit(self) -> str:
        """Commit a new title; the replica knows of it when it has replayed it. Gives the title."""
        title = next(titles)
        self.place.sql(f"UPDATE talks_meeting SET title = '{title}' WHERE slug = '{PAGE.split('/')[2]}'")
        return title

    def kill(self, which: int) -> None:
        """A public process ends without a word."""
        for pid in (self.pids[which], *descendants(self.pids[which])):
            os.kill(pid, signal.SIGKILL)
        until(lambda: ended((self.near, self.far)[which]), "nobody answers any more")


def ended(port: int) -> bool:
    try:
        ask(port, "/about/")
    except OSError:
        return True
    return False


@pytest.fixture(scope="module")
def machines():
    """A prepared database; on PostgreSQL with its replica, else None in its place."""
    with ExitStack() as stack:
        if not POSTGRES:
            place, replica = stack.enter_context(a_place()), None
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="talks-machines-", dir="/tmp")))
            folder.chmod(0o755)
            primary, replica = stack.enter_context(primary_and_replica(folder))
            place = Place(folder, primary.url)
            borrow_environment(place.var / "venv", place.code / "requirements.txt")
            stack.callback(place.sweep)
        place.manage("prepare", **BOTH)
        if replica:
            replica.caught_up()
        yield place, replica


@contextmanager
def standing(machines, **changed):
    """All processes; `changed` in nginx's file."""
    place, replica = machines
    far = {"DATABASE_URL": None, "DATABASE_REPLICA_URLS": replica.url} if replica else {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="talks-nginx-", dir="/tmp")))
        folder.chmod(0o755)
        one = stack.enter_context(place.served(**BOTH))
        two = stack.enter_context(place.served(**{**BOTH, **far}))
        editor = stack.enter_context(place.served("config.settings_editor", WORKERS="1", **BOTH))
        usual = {"rate": "9999r/s", **changed}
        proxy = stack.enter_context(nginx(place, folder / "nginx", [one[0], two[0]], editor[0], **usual))
        yield Site(place, one[0], two[0], editor[0], proxy[0], [one[1].pid, two[1].pid], folder)


@pytest.fixture(scope="module")
def site(machines):
    with standing(machines) as site:
        yield site


def page(port, address=PAGE, **headers):
    answer = ask(port, address, headers=headers)
    assert answer.status == 200, answer.text
    return answer


# What an edit reaches, and when.


def test_an_edit_is_on_the_next_page_of_a_process_at_the_primary_and_of_the_editors(site):
    for _ in range(5):
        title = site.edit()
        assert title in page(site.near).text
        assert title in page(site.editor).text
        assert POSTGRES or title in page(site.far).text, "both processes read one file"


@on_postgresql
def test_an_edit_is_on_the_next_page_of_a_process_at_a_replica_as_soon_as_it_is_replayed(machines, site):
    for _ in range(5):
        title = site.edit()
        machines[1].caught_up()
        assert title in page(site.far).text


def edition_of(answer) -> str:
    return answer.headers["Surrogate-Key"].split()[1]


@on_postgresql
def test_a_replica_that_lags_serves_its_own_past_the_page_and_its_edition_alike(machines, site):
    past = site.edit()
    machines[1].caught_up()
    before, rows = page(site.far), page(site.far, "/meetings.json").text
    with machines[1].held():
        title = site.edit()
        assert title in page(site.near).text
        for _ in range(4):  # whichever worker answers
            lagging = page(site.far)
            assert past in lagging.text
            assert title not in lagging.text
            assert (edition_of(lagging), lagging.headers["ETag"]) == (edition_of(before), before.headers["ETag"])
            assert page(site.far, "/meetings.json").text == rows, "it names the edition too"
            assert ask(site.far, PAGE, headers={"If-None-Match": before.headers["ETag"]}).status == 304
        assert edition_of(page(site.near)) != edition_of(before)
    machines[1].caught_up()
    later = page(site.far)
    assert title in later.text
    assert edition_of(later) == edition_of(page(site.near))
    assert ask(site.far, PAGE, headers={"If-None-Match": before.headers["ETag"]}).status == 200


@on_postgresql
def test_a_worker_whose_replica_goes_reads_the_next_one_at_the_next_request(machines):
    place, replica = machines
    urls = ",".join((replica.url, replica.primary.url))
    with place.served(DATABASE_URL=None, DATABASE_REPLICA_URLS=urls, WORKERS="4") as (port, _):
        for _ in range(20):
            page(port)
        replica.stop()
        try:
            for _ in range(40):
                page(port)
        finally:
            replica.start()
        replica.caught_up()


@on_postgresql
def test_after_its_replica_was_started_anew_a_process_shows_no_page_of_before(machines, site):
    replica = machines[1]
    for _ in range(6):
        page(site.far)  # each worker has it, and a connection that will be dead
    replica.stop()
    replica.start()
    title = site.edit()
    replica.caught_up()
    for _ in range(6):
        assert title in page(site.far).text


# Through nginx.


def test_an_edit_is_seen_through_nginx_when_its_documented_seconds_are_over(machines, site):
    for _ in range(3):
        page(site.proxy)
        title = site.edit()
        if machines[1]:
            machines[1].caught_up()
        time.sleep(SECONDS + 1)  # nginx counts whole seconds
        assert title in page(site.proxy).text


def test_nginx_asks_with_the_tag_when_a_page_is_over_and_nothing_was_edited(site):
    first = page(site.proxy, "/about/")
    time.sleep(SECONDS + 1)
    again = page(site.proxy, "/about/")
    assert (again.headers["X-Cache"], again.body) == ("REVALIDATED", first.body)
    assert ask(site.proxy, "/about/", headers={"If-None-Match": first.headers["ETag"]}).status == 304


def test_a_browser_is_told_to_ask_every_time_and_keeps_static_files_for_ever(site):
    direct, answer = page(site.near), page(site.proxy)
    assert "s-maxage=1, stale-while-revalidate=1, " in direct.headers["Cache-Control"]
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert not {"Surrogate-Key", "Cache-Tag"} & set(answer.headers)
    stylesheet = answer.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert "immutable" in page(site.proxy, stylesheet).headers["Cache-Control"]
    assert ask(site.proxy, "/statements/nobody/").headers["X-Cache"] == "MISS"
    assert ask(site.proxy, "/statements/nobody/").headers["X-Cache"] == "MISS", "what is not there is not kept"


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd", "", "gzip;q=0"])
def test_each_encoding_is_kept_apart(site, accepted):
    for _ in range(2):
        answer = page(site.proxy, "/data/", **{"Accept-Encoding": accepted})
        assert answer.headers["Content-Encoding"] in (
            ("br", "gzip") if "gzip" in accepted and "q=0" not in accepted else (None,)
        )
        assert (
            answer.body
            == page(site.near, "/data/", **{"Accept-Encoding": answer.headers["Content-Encoding"] or ""}).body
        )


def test_the_longest_search_passes_and_a_longer_address_is_refused(site):
    words = "%D0%B0" * 10_000
    for address in (f"/statements/?q={words}", f"/statements.json?q={words}", f"/statements/?q={words}"):
        assert page(site.proxy, address).text == page(site.near, address).text
    assert ask(site.proxy, f"/statements/?q={words * 3}").status == 414


def test_whole_lists_and_releases_pass_through(site):
    assert page(site.proxy, "/statements.csv").body == page(site.near, "/statements.csv").body
    part = ask(site.proxy, "/data/releases/1/SHA256SUMS", headers={"Range": "bytes=0-9"})
    assert (part.status, len(part.body)) == (206, 10)


def test_the_admin_answers_on_its_own_name_only_and_is_kept_by_nobody(site):
    answer = ask(site.proxy, "/admin/login/", headers={"Host": DESK})
    assert (answer.status, answer.headers["X-Cache"]) == (200, None)
    assert ask(site.proxy, "/admin/login/").status == 404


@pytest.mark.parametrize(("scheme", "status"), [("https", 200), ("http", 403)])
def test_a_form_from_a_browser_that_speaks_tls_to_nginx_is_taken_for_our_own(site, scheme, status):
    told = {"Host": DESK, "X-Forwarded-Proto": scheme}  # as nginx tells it
    form = ask(site.editor, "/admin/login/", headers=told)
    token = form.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    cookie = "; ".join(line.partition(";")[0] for line in form.headers.get_all("Set-Cookie"))
    browser = {"Cookie": cookie, "Origin": f"https://{DESK}", "Content-Type": "application/x-www-form-urlencoded"}
    fields = urlencode({"csrfmiddlewaretoken": token, "username": "nobody", "password": "wrong"})
    assert ask(site.editor, "/admin/login/", "POST", {**told, **browser}, fields).status == status


def test_who_asks_for_costly_pages_without_end_is_stopped_and_may_read_on(machines):
    with standing(machines, rate="1r/m") as site:
        statuses = [ask(site.proxy, f"/statements/?q=w{number}").status for number in range(22)]
        assert statuses[:21] == [200] * 21, "the burst, and the one of this minute"
        assert statuses[21:] == [429]
        assert page(site.proxy)


# What goes wrong.


def test_a_public_process_that_is_killed_costs_no_answer_that_was_asked_for_later(machines):
    with standing(machines) as site:
        statuses, killed, stop = [], threading.Event(), threading.Event()

        def read(name):
            for number in count():
                if stop.is_set():
                    return
                later = killed.is_set()
                statuses.append((later, ask(site.proxy, f"/statements/nobody-{name}-{number}/").status))

        readers = [threading.Thread(target=read, args=(name,)) for name in range(4)]
        for reader in readers:
            reader.start()
        try:
            until(lambda: len(statuses) >= 40, "they read")
            site.kill(0)
            killed.set()
            until(lambda: sum(later for later, _ in statuses) >= 80, "they go on reading")
            with machines[0].served(port=site.near, **BOTH):
                before = len(statuses)
                until(lambda: len(statuses) >= before + 80, "and when it is back")
        finally:
            stop.set()
            for reader in readers:
                reader.join()
        assert {status for later, status in statuses if later} == {404}, "each is made by a process"
        assert [status for later, status in statuses if status != 404][len(readers) :] == [], "but those in flight"


def test_when_all_are_gone_pages_that_were_asked_for_before_are_shown_as_they_were(machines):
    with standing(machines) as site:
        before = page(site.proxy)
        site.kill(0)
        site.kill(1)
        time.sleep(SECONDS + 1)
        for _ in range(3):
            after = page(site.proxy)
            assert (after.body, after.headers["X-Cache"]) == (before.body, "STALE")
        assert ask(site.proxy, "/parties/").status == 502, "nobody had asked for it"
