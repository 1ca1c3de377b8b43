"""How gunicorn serves both processes; the address and the settings module come from the command line."""

import os
import subprocess
import sys

workers = int(os.environ.get("WORKERS", "2"))
threads = 4
worker_class = "gthread"
timeout = 60
graceful_timeout = 5
keepalive = 5
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "warning")
control_socket_disable = True


# The trial may be the last to close a SQLite database, so it leaves the companion files as it found them.
TRIAL = """
import config.wsgi
from django.db import connections
from config.databases import keep_companions
from config.environment import environment
connections.close_all()
keep_companions(environment.database)
"""


def on_starting(server: object) -> None:
    """Refuse to start, in one line, where a worker could not: gunicorn would try again and again.

    In a process of its own, so that the master imports nothing that a reload would then not see anew.
    """
    tried = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, text=True, check=False)  # noqa: S603
    if tried.returncode != 0:
        sys.exit(tried.stderr.strip().rpartition("\n")[2] or "The site could not be loaded.")
