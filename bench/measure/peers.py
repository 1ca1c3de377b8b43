"""The servers that are measured: the site, the unit, and what else answers pages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bench.measure import hello
from bench.measure.homes import FOLDER, Home
from bench.measure.servers import HOST, Server

LOGS = FOLDER / "logs"
GUNICORN = [sys.executable, "-m", "gunicorn"]
PLAIN = [*GUNICORN, "--no-control-socket", "-b", f"{HOST}:{{port}}", "-w", "2", "--log-level", "warning"]
NGINX = """
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log stderr;
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type text/html; keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen {host}:{port}; root {root}; }}
}}
"""
DATASETTE = ("--setting", "sql_time_limit_ms", "60000", "--setting", "default_cache_ttl", "0")


def site(home: Home, name: str = "", **environment: str) -> Server:
    """The public process as `make run` starts it."""
    name = name or f"site, {home.database}, {home.count:,}"
    command = [*GUNICORN, "-c", "python:config.gunicorn", "-b", f"{HOST}:{{port}}"]
    return Server(name, command, log_of(name), {**home.environment(), **environment}, home.beside, "/about/")


def log_of(name: str) -> Path:
    return LOGS / f"{name.replace(', ', '-').replace(' ', '-').replace(',', '')}.log"


def unit() -> Server:
    return Server("unit", [*PLAIN, "-k", "sync", "bench.measure.hello:application"], log_of("unit"))


def static_folder() -> Path:
    """A folder with the unit's 12 KB as a file."""
    folder = FOLDER / "static"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "hello.html").write_bytes(hello.BODY)
    return folder


def whitenoise() -> Server:
    command = [*PLAIN, "-k", "gthread", "--threads", "4", "bench.measure.static:application"]
    return Server("whitenoise", command, log_of("whitenoise"), {"HELLO_FOLDER": str(static_folder())})


def nginx() -> Server | None:
    """None where it is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return None
    folder = FOLDER / "nginx"
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    server = Server("nginx", [program, "-p", folder, "-c", configuration, "-e", "stderr"], log_of("nginx"))
    configuration.write_text(NGINX.format(folder=folder, root=static_folder(), host=HOST, port=server.port))
    return server


def kept_by_django(home: Home) -> Server:
    """The same site through WSGI, with Django's per-site cache in local memory."""
    environment = home.environment("bench.measure.settings_kept")
    command = [*PLAIN, "-k", "sync", "config.wsgi:application"]
    return Server("Django's cache", command, log_of("django-cache"), environment, tried="/about/")


def datasette(home: Home, released: Path) -> Server:
    """Datasette over the released SQLite file, in one process, as it is run; its time limit is lifted."""
    name = f"Datasette, {home.count:,}"
    command = [datasette_program(), "serve", "-i", released, "-h", HOST, "-p", "{port}", *DATASETTE]
    return Server(name, command, log_of(name))


def datasette_program() -> Path:
    return FOLDER / "datasette" / "bin" / "datasette"


def install_datasette() -> str:
    """Install it into an environment of its own; returns why that failed, or nothing."""
    program = datasette_program()
    if program.exists():
        return ""
    folder = FOLDER / "datasette"
    print("  installing Datasette", file=sys.stderr, flush=True)
    for command in ([sys.executable, "-m", "venv", folder], [folder / "bin" / "pip", "install", "-q", "datasette"]):
        if subprocess.call(command, stdout=subprocess.DEVNULL) != 0:
            shutil.rmtree(folder, ignore_errors=True)
            return "it could not be installed"
    return ""
