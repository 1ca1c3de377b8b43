"""The ASGI application of the public process: the front before Django's WSGI handler, with its kept pages."""

import gc
import sys
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.http.request import split_domain_port, validate_host

from config.environment import environment
from config.front import NO_PAGE, Front
from config.gunicorn import workers
from config.keeper import Keeper
from config.question import OnSQLite, Question
from config.shelf import Shelf
from config.wsgi import application as site
from talks.parameters import plain

# Seconds after which a page in the making lets the event loop go on. With Python's 0.005 a file goes out at a third of
# the speed while pages are made; the pages are none the faster.
sys.setswitchinterval(0.0005)


@lru_cache(256)
def is_ours(host: bytes) -> bool:
    """Whether a Host header names this site, as Django judges it."""
    domain, _ = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def question() -> Question:
    """How the database of this process is asked for its edition."""
    if connection.vendor == "sqlite":
        return OnSQLite(str(environment.public_database["NAME"]))
    from config.question_postgresql import on_postgresql

    return on_postgresql(connection.get_connection_params())


# Bytes of one worker.
room = settings.CACHE_BYTES // workers
keeper = Keeper(
    site,
    question(),
    Shelf(room, room // 64),  # a part of the sitemap, which a crawler asks for once, would take many pages' places
    plain,
    is_ours,
    NO_PAGE.fullmatch,
    settings.STALE_SECONDS,
)
# What stands before the first request stays to the end: the collector need not look through it again and again.
gc.collect()
gc.freeze()
# What a page leaves behind goes soon: after 20,000 objects, not 5,000, two workers took 9 MB more, and pages were as quick.
gc.set_threshold(5_000, 10, 10)

application = Front(site, {"X-Content-Type-Options": "nosniff", **settings.BROWSER_HEADERS}, keeper)
if environment.metrics:
    from config.metrics import Teller

    application.at_start = Teller(application).begin
