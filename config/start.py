#!/usr/bin/env python3
"""From a checkout to a running site or a finished test run, with nothing but Python and its venv module.

    start.py run     set up what is missing, then serve the public site and the editor's admin until Ctrl-C
    start.py test    set up what is missing, then run the tests on every database that is found
    start.py test-validators  the same for the heavy tests of tests/validators; VALIDATORS=1 start.py test runs both
    start.py test-scale  the plans of all queries over a hundred thousand statements
    start.py test-faults  the long form of the tests that write, read, kill, fill disks and ask for nonsense
    start.py check   linters, types, templates, migrations
    start.py bench, profile  what the site costs (bench/README.md)
    start.py editor  make an editor's account
    start.py manage  any other command of manage.py

Written for old Pythons too, so that one can say that it is too old.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VAR = os.environ["VAR_DIR"] = os.path.abspath(os.environ.get("VAR_DIR") or os.path.join(ROOT, "var"))
VENV = os.path.join(VAR, "venv")
PYTHON = os.path.join(VENV, "bin", "python")
OLDEST = (3, 11)
REQUIREMENTS = {
    "test": "requirements-test.txt",
    "test-validators": "requirements-validators.txt",
    "test-scale": "requirements-test.txt",
    "test-faults": "requirements-test.txt",
    "check": "requirements-test.txt",
}
SCRIPTS = {
    "test": [os.path.join("tests", "run.py")],
    "test-validators": [os.path.join("tests", "run.py"), os.path.join("tests", "validators")],
    "test-scale": [os.path.join("tests", "run.py"), os.path.join("tests", "scale")],
    "test-faults": [
        os.path.join("tests", name)
        for name in ("run.py", "faults", "test_freshness.py", "test_at_once.py", "test_fuzz.py", "test_fuzz_wire.py")
    ],
    "check": [os.path.join("tests", "check.py")],
    "bench": ["-m", "bench.measure"],
    "profile": ["-m", "bench.measure.profile"],
}


def check_python():
    if sys.version_info < OLDEST:
        sys.exit("Python %d.%d or newer is needed; this is %s." % (OLDEST + (sys.version.split()[0],)))
    try:
        import ensurepip  # noqa: F401  (Debian ships the two apart from Python)
        import venv  # noqa: F401
    except ImportError:
        sys.exit("Python's venv module is missing. On Debian: apt-get install python3-venv")


def set_up(requirements):
    """Make the virtual environment and install pinned, hashed requirements, unless that was done already."""
    path = os.path.join(ROOT, requirements)
    with open(path, "rb") as file:
        wanted = hashlib.sha256(file.read() + sys.version.encode()).hexdigest()
    mark = os.path.join(VENV, requirements + ".installed")
    if os.path.exists(mark) and open(mark).read() == wanted:
        return
    if not os.path.exists(PYTHON):
        print("Making a virtual environment in %s …" % VENV, flush=True)
        if subprocess.call([sys.executable, "-m", "venv", VENV]) != 0:
            sys.exit("The virtual environment could not be made. On Debian: apt-get install python3-venv")
    print("Installing %s …" % requirements, flush=True)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", path]
    if subprocess.call(command) != 0:
        sys.exit("The requirements could not be installed; see above.")
    set_up_parser()
    with open(mark, "w") as file:
        file.write(wanted)


def set_up_parser():
    """Compile gunicorn's parser in C where there is a compiler; without it pages are served all the same, slower."""
    path = os.path.join(ROOT, "requirements-fast.txt")
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", path]
    if subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) != 0:
        print("gunicorn_h1c could not be compiled: kept pages go out more slowly.", flush=True)


def set_up_checker():
    """Install the Nu HTML checker, pinned and with its digest; without npm the tests say that they leave it out."""
    target = os.path.join(VAR, "nu")
    lock = os.path.join(target, "package-lock.json")
    wanted = os.path.join(ROOT, "tests", "validators", "package-lock.json")
    if shutil.which("npm") is None or (os.path.exists(lock) and open(lock).read() == open(wanted).read()):
        return
    os.makedirs(target, exist_ok=True)
    shutil.copy(os.path.join(ROOT, "tests", "validators", "package.json"), target)
    shutil.copy(wanted, target)
    print("Installing the Nu HTML checker …", flush=True)
    if subprocess.call(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=target) != 0:
        os.remove(lock)
        sys.exit("The Nu HTML checker could not be installed; see above.")


def port(name, default):
    """The port number of an environment variable; exits with one line if it is none or taken."""
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit()) or not 0 < int(value) < 65536:
        sys.exit("%s: “%s” is no port number (1 to 65535)." % (name, value))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(value)))
        except OSError as error:
            sys.exit("%s: port %s cannot be used: %s." % (name, value, error.strerror))
    return int(value)


def manage(*arguments):
    return subprocess.call([PYTHON, os.path.join(ROOT, "manage.py")] + list(arguments), cwd=ROOT)


def serve(number, settings, workers):
    """One gunicorn on loopback, in this process group's care."""
    environment = dict(os.environ, DJANGO_SETTINGS_MODULE=settings, WORKERS=str(workers))
    command = [PYTHON, "-m", "gunicorn", "-c", "python:config.gunicorn", "-b", "127.0.0.1:%d" % number]
    # Its own session: Ctrl-C reaches this script only, which then stops both in order.
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)


def wait_for(number, process):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                return True
        if process.poll() is not None:
            return False
        time.sleep(0.1)
    return False


def stop(processes):
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def interrupted(*_):
    raise KeyboardInterrupt


def listen_for_signals():
    """Ctrl-C, a kill and a hang-up end the run, also where a shell had Ctrl-C ignored for a command in the background."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
        signal.signal(signal.SIGHUP, interrupted)


def watch(public, editor, processes):
    """Start both servers and return when one has ended; Ctrl-C is raised through."""
    for number, settings, workers in ((public, "config.settings", 2), (editor, "config.settings_editor", 1)):
        processes.append(serve(number, settings, workers))
    if all(wait_for(number, process) for number, process in zip((public, editor), processes)):
        print("Talks in Context: http://127.0.0.1:%d/" % public)
        print("Editor’s admin:   http://127.0.0.1:%d/admin/   (make editor makes an account)" % editor)
        print("Ctrl-C stops both.", flush=True)
        while all(process.poll() is None for process in processes):
            time.sleep(0.2)
    print("One of the two servers stopped, so both are stopped; see above.", file=sys.stderr)


def run():
    public, editor = port("PORT", 8000), port("EDITOR_PORT", 8001)
    if public == editor:
        sys.exit("EDITOR_PORT: must not be the same as PORT, %d." % public)
    os.environ.setdefault("SITE_URL", "http://127.0.0.1:%d" % public)
    set_up("requirements.txt")
    if manage("prepare") != 0:
        sys.exit("The site was not started; see above.")
    processes, code = [], 1
    listen_for_signals()
    try:
        watch(public, editor, processes)
    except KeyboardInterrupt:
        code = 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(processes)
        manage("keep_companions")
    sys.exit(code)


def main(arguments):
    check_python()
    what = arguments[0] if arguments else "run"
    if what == "run":
        run()
    is_validated = what == "test-validators" or (what == "test" and os.environ.get("VALIDATORS"))
    set_up(REQUIREMENTS["test-validators"] if is_validated else REQUIREMENTS.get(what, "requirements.txt"))
    if is_validated:
        set_up_checker()
    if what == "test-faults":
        for name, number in (("EDITS", "1000"), ("KILLS", "200"), ("EXAMPLES", "2000")):
            os.environ.setdefault(name, number)
    if what in SCRIPTS:
        sys.exit(subprocess.call([PYTHON] + SCRIPTS[what] + arguments[1:], cwd=ROOT))
    if what == "editor":
        sys.exit(manage("prepare") or manage("make_editor"))
    if what == "manage":
        sys.exit(manage(*arguments[1:]))
    sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
