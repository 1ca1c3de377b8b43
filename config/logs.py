"""What the processes say, on stderr: lines for people, or JSON for programs. Each names the request that it is about.

No reader's address is in it: nothing here needs one, and what is not written down cannot get lost. Knows no Django.
"""

from __future__ import annotations

import logging
import re
import secrets
from contextvars import ContextVar
from typing import Any

TEXT, JSON = "text", "json"
# Of the request that is being answered; never part of the answer, which depends on the address and the edition only.
request_id: ContextVar[str] = ContextVar("request_id", default="")
# A name given by a proxy that writes it down, too: nginx's `$request_id`.
GIVEN = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)
ADDRESS = re.compile(r"\bip=\S+")


def named(given: str | None) -> str:
    """The name under which a request is told of: the given one if it can be one, else a new one."""
    return given if given and GIVEN.fullmatch(given) else secrets.token_hex(8)


class AboutRequest(logging.Filter):
    """Puts the request's name on a record, and takes off an address that gunicorn's workers would tell."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        if isinstance(record.msg, str) and ADDRESS.search(record.msg):
            record.msg, record.args = ADDRESS.sub("ip=-", record.getMessage()), None
        return True


def logging_as(form: str, level: str) -> dict[str, Any]:
    """The configuration of `logging` (its dictConfig) in the form `text` or `json`, from `debug` to `critical`."""
    own = {"handlers": ["stderr"], "level": level.upper()}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": "config.logs.AboutRequest"}},
        "formatters": {
            TEXT: {"format": "%(levelname)s %(name)s: %(message)s"},
            JSON: {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": "%(levelname)s %(name)s %(message)s %(process)d %(request_id)s",
                "rename_fields": {"levelname": "level", "name": "logger"},
                "timestamp": True,
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form, "filters": ["request"]}},
        "root": own,
        "loggers": {
            "gunicorn.error": {**own, "propagate": False},
            # The front and nginx tell of requests; this one would tell whose they were.
            "gunicorn.access": {"level": "CRITICAL"},
            # That a page is not there is no fault.
            "django.request": {"level": "ERROR"},
        },
    }
