"""Who is asking: the address of a client, and the line in the log when one is locked out."""

from __future__ import annotations

import logging
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

log = logging.getLogger(__name__)


def address(request: HttpRequest) -> str | None:
    """The client's IP address in its shortest form; None if it came over a Unix socket.

    X-Forwarded-For is read only as far as proxies of ours wrote it: each appends the address that it was asked from,
    so the N-th entry from the right is what the outermost of N proxies saw. What stands left of it anybody can forge.
    """
    return forwarded(request) or read(request.META.get("REMOTE_ADDR", ""))


def forwarded(request: HttpRequest) -> str | None:
    """The address that the outermost of our proxies saw; None without proxies, or if that is no address."""
    number: int = settings.TRUSTED_PROXIES
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return read(entries[-number]) if 0 < number <= len(entries) else None


def read(text: str) -> str | None:
    try:
        found = ip_address(text.strip().partition("%")[0])  # without the zone of a link-local one
    except ValueError:
        return None
    # An IPv4 client on an IPv6 socket is the same client as on an IPv4 one.
    return str(getattr(found, "ipv4_mapped", None) or found)


def tell_of_lock(sender: Any, request: Any, username: str | None, ip_address: str | None, **_: Any) -> None:
    """One line when the door closes; not one for each knock at the closed door."""
    if request.axes_failures_since_start is not None:
        # ascii(): a name is whatever somebody typed, and may hold line ends.
        log.warning(
            "Login closed for %d minutes after %d failures: name %a, address %s.",
            settings.AXES_COOLOFF_TIME.total_seconds() // 60,
            request.axes_failures_since_start,
            (username or "")[:150],
            ip_address or "unknown",
        )
