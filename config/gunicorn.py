"""How gunicorn serves both processes; the address and the settings module come from the command line."""

import os

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
