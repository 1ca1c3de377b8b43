"""How gunicorn serves both processes; the address comes from the command line, the settings from the environment."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from typing import Any

from config.logs import logging_as

# The public process waits for no client (docs/decisions/0010); the editor's has few of them, and forms.
PUBLIC = os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings") == "config.settings"

wsgi_app = "config.asgi" if PUBLIC else "config.wsgi"
worker_class = "config.worker.Worker" if PUBLIC else "gthread"
workers = int(os.environ.get("WORKERS", "2"))
threads = 1 if PUBLIC else 4  # those of the public process are the front's
timeout = 60
graceful_timeout = 5
keepalive = 3 if PUBLIC else 5  # within the graceful timeout: the asgi worker waits for idle connections when it stops
# Bytes: 10,000 letters to search for, of those that an address needs most bytes for, and filters. The editor's worker
# takes no more than 8,190.
limit_request_line = 128 * 1024 if PUBLIC else 8190
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL") or "warning"
control_socket_disable = True

# What is wrong with these values is told by the trial.
PRODUCTION = os.environ.get("PRODUCTION", "").lower() in ("1", "true", "yes", "on")
FORMAT = os.environ.get("LOG_FORMAT") or ("json" if PRODUCTION else "text")
if FORMAT in ("text", "json") and loglevel in ("debug", "info", "warning", "error", "critical"):
    logconfig_dict = logging_as(FORMAT, loglevel)

# Where the numbers are to be had (config/metrics.py). The workers find the folder by this name when they start.
METRICS = os.environ.get("METRICS", "")
NUMBERS = "PROMETHEUS_MULTIPROC_DIR"
if METRICS and NUMBERS not in os.environ:
    os.environ[NUMBERS] = tempfile.mkdtemp(prefix="talks-numbers-")

# Milliseconds after which a client that takes nothing of what was sent is given up, by the kernel (tcp(7)).
NOTHING_TAKEN = 60_000

# The trial may be the last to close a SQLite database, so it leaves the companion files as it found them.
TRIAL = f"""
import {wsgi_app}
from django.db import connections
from config.checks import refuse_to_serve
from config.databases import keep_companions
from config.environment import environment
refuse_to_serve()
connections.close_all()
keep_companions(environment.database)
"""


def on_starting(server: Any) -> None:
    """Refuse to start, in one line, where a worker could not: gunicorn would try again and again.

    In a process of its own, so that the master imports nothing that a reload would then not see anew.
    """
    tried = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, text=True, check=False)  # noqa: S603
    if tried.returncode != 0:
        sys.exit(tried.stderr.strip().rpartition("\n")[2] or "The site could not be loaded.")
    if PUBLIC and server.app.app_uri.partition(":")[0] == "config.wsgi":
        sys.exit("The public process is config.asgi; it is what gunicorn serves when no application is named.")


def when_ready(server: Any) -> None:
    """Before the first worker."""
    bound_deaf_clients(server)
    if METRICS:
        show_numbers()


def show_numbers() -> None:
    """Add up the numbers of all workers for whoever asks on loopback, in a thread of this process."""
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    host, _, port = METRICS.rpartition(":")
    start_http_server(int(port), host.strip("[]"), registry)


def post_fork(server: Any, worker: Any) -> None:
    """A worker that a reload has started takes this module, too, from the new build."""
    sys.modules.pop("config.logs", None)


def child_exit(server: Any, worker: Any) -> None:
    """What a worker was at that moment ends with it; what it has counted stays."""
    if METRICS:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    if METRICS:
        shutil.rmtree(os.environ[NUMBERS], ignore_errors=True)


def bound_deaf_clients(server: Any) -> None:
    """Bound what a client can hold by not reading; accepted connections inherit it. Linux has it, a Mac does not."""
    if not PUBLIC or not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    for listener in server.LISTENERS:
        if listener.sock.family in (socket.AF_INET, socket.AF_INET6):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, NOTHING_TAKEN)
