"""Faults are told to Sentry, or to what speaks its language, if a DSN is set; nothing is told of who met them."""

from __future__ import annotations

from typing import Any

from config.logs import request_id


def tell_of_faults(dsn: str, process: str) -> None:
    """Begin to tell, from now on, of what is logged as an error and of what a page fails by."""
    import sentry_sdk  # not before it is wanted: it takes 15 MB

    sentry_sdk.init(
        dsn=dsn,
        environment=process,
        before_send=without_readers,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        max_breadcrumbs=0,
    )


def without_readers(event: Any, hint: Any) -> Any:
    """The event with the request's name, and without headers, cookies, addresses and the machine's name."""
    asked = event.get("request", {})
    event["request"] = {name: asked[name] for name in ("method", "url", "query_string") if name in asked}
    for name in ("user", "server_name", "breadcrumbs"):
        event.pop(name, None)
    event.setdefault("tags", {})["request_id"] = request_id.get()
    return event
