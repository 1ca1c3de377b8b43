"""`config/start.py`, as somebody starts it who has just fetched the project: real processes, real ports."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import signal
import socket
import sys
from contextlib import closing, contextmanager
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest

from tests.servers import a_place, ask, descendants, free_port, is_free, parents, until

pytestmark = pytest.mark.live

READY = "Ctrl-C stops both."
QUOTATION = "We are not opposed to further meetings with the Russians and are awaiting their memorandum"
PASSWORD = "nine-orange-herons"


@contextmanager
def running(place, **environment):
    """`start.py run` on two free ports, once it has said that both are served."""
    ports = free_port(), free_port()
    numbers = {"PORT": str(ports[0]), "EDITOR_PORT": str(ports[1])}
    with place.started(sys.executable, place.start, "run", **numbers, **environment) as site:
        until(lambda: site.has_ended or READY in site.output, "the site is served")
        assert READY in site.output, site.output
        site.public, site.editor = ports
        yield site


def end(site, name):
    """Send it a signal, as somebody does, and look at what is left of it."""
    until(lambda: len(descendants(site.pid)) == 5, "two servers and their three workers")
    family = descendants(site.pid)
    if name == "SIGTERM":
        os.kill(site.pid, signal.SIGTERM)
    else:  # as a terminal does: to the foreground's whole group
        os.killpg(site.pid, signal.Signals[name])
    site.code = site.ended_with()
    site.left = set(family) & set(parents())
    site.ports_are_free = is_free(site.public) and is_free(site.editor)


def page(port, address):
    answer = ask(port, address)
    assert answer.status == 200, answer.text
    return answer.text


def refusal(place, **environment):
    """What `start.py run` prints when it refuses."""
    with place.started(sys.executable, place.start, "run", **environment) as site:
        until(lambda: site.has_ended or READY in site.output, "it refuses")
        assert READY not in site.output, f"it did not refuse:\n{site.output}"
        assert site.ended_with() == 1
        told = site.output
    assert "Traceback" not in told, told
    return told


def one_line(told):
    assert told.endswith("\n")
    assert told.count("\n") == 1, told
    return told.strip()


@pytest.fixture(scope="module")
def place():
    with a_place() as place:
        yield place


@pytest.fixture(scope="module")
def first(place):
    """What the first start on this place said and served; it is over: Ctrl-C has ended it."""
    with running(place) as site:
        site.front, site.preview, site.login = (
            page(site.public, "/"),
            page(site.editor, "/"),
            page(site.editor, "/admin/login/"),
        )
        site.statuses = [ask(port, "/admin/").status for port in (site.public, site.editor)]
        end(site, "SIGINT")
    return site


@pytest.fixture(scope="module")
def site(place, first):
    """The next start, after an editor's work; it goes on while the tests of this module run."""
    place.edit(
        "Meeting.objects.filter(slug='istanbul-2025-06-02').update(title='Renamed by an editor')\n"
        "Statement.objects.update(variant_of=None)\nStatement.objects.all().delete()"
    )
    with running(place) as site:
        site.meeting = page(site.public, "/meetings/istanbul-2025-06-02/")
        site.statement = ask(site.public, "/statements/umerov-awaits-memorandum/")
        yield site


@pytest.fixture
def untouched(place, tmp_path):
    """What to add to the environment so that everything would have to be made anew; it must not be."""
    folder = tmp_path / "var"
    yield {"VAR_DIR": str(folder)}
    assert not folder.exists()


# What a start does


def test_the_first_start_serves_the_site_and_the_admin_and_says_where(first):
    assert f"http://127.0.0.1:{first.public}/\n" in first.output
    assert f"http://127.0.0.1:{first.editor}/admin/ " in first.output
    assert "Talks in Context" in first.front
    assert 'name="password"' in first.login


def test_the_admin_is_on_the_editors_port_only(first):
    assert first.statuses == [404, 302]


def test_the_built_in_data_are_there_and_links_name_the_port_of_the_site(first):
    assert "Loaded " in first.output
    assert QUOTATION in first.front
    assert QUOTATION in first.preview
    assert f'rel="canonical" href="http://127.0.0.1:{first.public}/"' in first.front


def test_a_further_start_keeps_what_editors_changed_and_deleted_and_installs_nothing(site):
    assert "Renamed by an editor" in site.meeting
    assert QUOTATION not in site.meeting
    assert site.statement.status == 410  # what was public and is deleted leaves a tombstone
    assert not re.search("Loaded|Installing|Making", site.output)


def test_a_database_that_an_editor_emptied_stays_empty(place, site):
    place.edit(
        "Meeting.objects.update(follows=None)\nSource.objects.update(derived_from=None)\n"
        "for model in (EditorsNote, DelegationMember, Delegation, MeetingState, Meeting, Person, Party, Source):\n"
        "    model.objects.all().delete()"
    )
    assert "Loaded" not in place.run(sys.executable, place.start, "manage", "prepare")
    assert place.edit("print('left:', Party.objects.count() + Source.objects.count())") == "left: 0\n"


@pytest.fixture
def ended(place, first, request):
    """A site that a signal has ended."""
    if request.param == "SIGINT":
        return first
    with running(place) as site:
        end(site, request.param)
    return site


@pytest.mark.once
@pytest.mark.parametrize("ended", ["SIGINT", "SIGTERM", "SIGHUP"], indirect=True)
def test_a_signal_stops_everything_that_was_started(ended):
    assert ended.code == 0, ended.output
    assert not ended.left
    assert ended.ports_are_free
    assert "Traceback" not in ended.output


@pytest.mark.once
def test_when_one_server_dies_the_other_is_stopped_too(place, first):
    with running(place) as site:
        until(lambda: len(descendants(site.pid)) == 5, "two servers and their three workers")
        family = descendants(site.pid)
        os.kill(family[0], signal.SIGKILL)
        assert site.ended_with() == 1
        assert "One of the two servers stopped" in site.output
        # The workers of a server that was killed notice it within a second or so.
        until(lambda: not set(family) & set(parents()), "no process is left")
        assert is_free(site.public)
        assert is_free(site.editor)


@pytest.mark.once
def test_requirements_are_installed_once_with_their_digests_and_again_when_they_change(place, tmp_path):
    calls, python = tmp_path / "calls", tmp_path / "var" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$*" >> {calls}\n')
    python.chmod(0o755)
    mark = tmp_path / "var" / "venv" / "requirements.txt.installed"

    def start():
        calls.write_text("")
        place.run(sys.executable, place.start, "manage", "version", VAR_DIR=str(tmp_path / "var"))
        return calls.read_text().splitlines()

    requirements = str(place.code / "requirements.txt")
    install = f"-m pip install --quiet --disable-pip-version-check --require-hashes -r {requirements}"
    manage = f"{place.code / 'manage.py'} version"
    faster = install.replace("requirements.txt", "requirements-fast.txt")
    assert start() == [install, faster, manage]
    assert start() == [manage]
    mark.write_text(hashlib.sha256(b"other requirements").hexdigest())
    assert start() == [install, faster, manage]


@pytest.mark.once
def test_without_a_compiler_the_site_starts_all_the_same(place, tmp_path):
    python = tmp_path / "var" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\ncase "$*" in *requirements-fast.txt) exit 1;; esac\n')
    python.chmod(0o755)
    told = place.run(sys.executable, place.start, "manage", "version", VAR_DIR=str(tmp_path / "var"))
    assert "gunicorn_h1c could not be compiled" in told
    assert (tmp_path / "var" / "venv" / "requirements.txt.installed").exists()


@pytest.mark.once
def test_a_failed_installation_is_told_and_tried_again(place, tmp_path):
    python = tmp_path / "var" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    for _ in range(2):
        told = refusal(place, VAR_DIR=str(tmp_path / "var"), PORT=str(free_port()), EDITOR_PORT=str(free_port()))
        assert told.endswith("The requirements could not be installed; see above.\n")


# What it refuses


@pytest.mark.once
@pytest.mark.parametrize("name", ["PORT", "EDITOR_PORT"])
def test_a_port_that_is_taken_is_named_and_nothing_is_started(place, untouched, name):
    ports = {"PORT": str(free_port()), "EDITOR_PORT": str(free_port())}
    with closing(socket.create_server(("127.0.0.1", int(ports[name])))):
        told = one_line(refusal(place, **ports, **untouched))
    assert told == f"{name}: port {ports[name]} cannot be used: Address already in use."
    assert all(is_free(int(number)) for number in ports.values())


@pytest.mark.once
def test_a_second_start_beside_the_first_is_refused_and_the_first_goes_on(place, site):
    told = one_line(refusal(place, PORT=str(site.public), EDITOR_PORT=str(free_port())))
    assert told.startswith(f"PORT: port {site.public} ")
    assert ask(site.public, "/").status == 200


@pytest.mark.once
@pytest.mark.parametrize("value", ["abc", "0", "65536", "²"])
@pytest.mark.parametrize("name", ["PORT", "EDITOR_PORT"])
def test_a_port_that_is_no_number_is_named(place, untouched, name, value):
    ports = {"PORT": str(free_port()), "EDITOR_PORT": str(free_port()), name: value}
    assert one_line(refusal(place, **ports, **untouched)) == f"{name}: “{value}” is no port number (1 to 65535)."


@pytest.mark.once
def test_one_port_for_both_is_refused(place, untouched):
    number = str(free_port())
    told = one_line(refusal(place, PORT=number, EDITOR_PORT=number, **untouched))
    assert told == f"EDITOR_PORT: must not be the same as PORT, {number}."


def python_says(place, before, **environment):
    """What `start.py run` prints in a Python that was changed first."""
    program = f"import runpy, sys\n{before}\nsys.argv = ['start.py', 'run']\nrunpy.run_path({place.start!r}, run_name='__main__')"
    told = place.run(sys.executable, "-c", program, code=1, **environment)
    assert "Traceback" not in told
    return one_line(told)


@pytest.mark.once
def test_an_old_python_is_told_in_one_line(place, untouched):
    before = "sys.version_info, sys.version = (3, 10, 12, 'final', 0), '3.10.12 (main) [GCC]'"
    assert python_says(place, before, **untouched) == "Python 3.11 or newer is needed; this is 3.10.12."


@pytest.mark.once
def test_an_old_python_can_read_the_script(place):
    with open(place.start, encoding="utf-8") as file:
        ast.parse(file.read(), feature_version=(3, 4))


@pytest.mark.once
@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_its_venv_module_is_told_in_one_line(place, untouched, module):
    told = python_says(place, f"sys.modules[{module!r}] = None", **untouched)
    assert told == "Python's venv module is missing. On Debian: apt-get install python3-venv"


def bad_environment(place, **environment):
    """The lines of the one message about the environment, without its heading."""
    ports = {"PORT": str(free_port()), "EDITOR_PORT": str(free_port())}
    heading, *lines, last = refusal(place, **ports, **environment).splitlines()
    assert (heading, last) == ("The environment does not fit:", "The site was not started; see above.")
    assert all(is_free(int(number)) for number in ports.values())
    return [line.strip() for line in lines]


@pytest.mark.once
def test_all_bad_values_of_the_environment_are_told_in_one_message(place):
    bad = {"DATABASE_URL": "nonsense", "SITE_URL": "ftp://x", "PRODUCTION": "1", "DEBUG": "maybe"}
    lines = bad_environment(place, **bad)
    assert sorted(line.partition(":")[0] for line in lines) == ["DATABASE_URL", "DEBUG", "SECRET_KEY", "SITE_URL"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "mysql://u@h/n"), ("DATABASE_URL", "sqlite://"), ("DATABASE_URL", "postgresql://"),
     ("PUBLIC_DATABASE_URL", "mysql://u@h/n"), ("SITE_URL", "https://x/y"), ("PRODUCTION", "perhaps")],
)  # fmt: skip
def test_a_bad_value_is_named(place, name, value):
    lines = bad_environment(place, **{name: value})
    assert [line.partition(":")[0] for line in lines] == [name]


@pytest.mark.once
def test_production_needs_a_secret_of_its_own_and_no_debug_pages(place):
    lines = bad_environment(place, PRODUCTION="1", DEBUG="1")
    assert lines == ["SECRET_KEY: must be set in production.", "DEBUG: must be off in production."]


# An editor's account


def make_editor(place, name, password, code=0):
    return place.run(sys.executable, place.start, "editor", code=code, EDITOR_NAME=name, EDITOR_PASSWORD=password)


def log_in(port, name, password):
    """The admin's answer to the login form as a browser sends it, and the cookies that it holds then."""
    cookies = SimpleCookie()

    def send(address, method="GET", **more):
        headers = {
            "Cookie": "; ".join(f"{key}={morsel.value}" for key, morsel in cookies.items()),
            **more.pop("headers", {}),
        }
        answer = ask(port, address, method, headers, **more)
        for line in answer.headers.get_all("Set-Cookie", []):
            cookies.load(line)
        return answer

    form = send("/admin/login/?next=/admin/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    fields = {"csrfmiddlewaretoken": token, "username": name, "password": password, "next": "/admin/"}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return send("/admin/login/?next=/admin/", "POST", body=urlencode(fields), headers=kind), send


@pytest.fixture(scope="module")
def olena(place, site):
    """The name of an account that was made while the site runs."""
    assert "“olena” can log in" in make_editor(place, "olena", PASSWORD)
    return "olena"


def test_an_account_that_was_made_can_log_in_to_the_running_admin(site, olena):
    wrong, _ = log_in(site.editor, olena, PASSWORD + "!")
    assert "correct username and password" in wrong.text
    right, send = log_in(site.editor, olena, PASSWORD)
    assert (right.status, right.headers["Location"]) == (302, "/admin/")
    # The first login sets up the second factor, before anything else.
    assert send("/admin/").status == 302
    assert "Set up your second factor" in send("/admin/second-factor/").text


def test_a_short_password_is_refused_in_one_line(place, site):
    told = one_line(make_editor(place, "short", "seven7!", code=1))
    assert told.startswith("CommandError: EDITOR_PASSWORD: This password is too short.")


def test_a_name_in_use_is_refused_in_one_line_and_its_password_stays(place, site, olena):
    told = one_line(make_editor(place, olena, PASSWORD + "-other", code=1))
    assert told == f"CommandError: EDITOR_NAME: there is an account “{olena}” already."
    assert log_in(site.editor, olena, PASSWORD)[0].status == 302


@pytest.mark.parametrize("name", ["x" * 151, "a b"])
def test_a_name_that_no_account_can_have_is_refused_in_one_line(place, site, name):
    told = one_line(make_editor(place, name, PASSWORD, code=1))
    assert told.startswith("CommandError: EDITOR_NAME: ")


def test_an_account_is_not_made_when_nobody_can_be_asked(place, site):
    told = place.run(sys.executable, place.start, "editor", code=1, EDITOR_NAME=None, EDITOR_PASSWORD=None)
    assert "EDITOR_NAME" in told
    assert "Traceback" not in told
