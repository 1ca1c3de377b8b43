"""Bytes of any kind on the socket of the real public process: it answers, and stays in step or closes.

In the long form, EXAMPLES=2000 or more, nothing may keep a client waiting for more than two seconds; the short form runs
beside other tests, whose load would be measured instead.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.hostile import hostile, targets
from tests.prepared import a_prepared_place
from tests.servers import PATIENCE
from tests.wire import LAST, answers, said

pytestmark = pytest.mark.live
EXAMPLES = int(os.environ.get("EXAMPLES", "150"))
HANG = 2.0 if EXAMPLES >= 2000 else PATIENCE  # seconds without a byte
KNOWN = {200, 301, 302, 304, 400, 404, 405, 410, 412, 414, 416, 431, 501, 505}
NAMES = {
    "accept-ranges", "access-control-allow-origin", "access-control-expose-headers", "allow", "cache-control",
    "cache-tag", "connection", "content-disposition", "content-encoding", "content-length", "content-range",
    "content-security-policy", "content-type", "cross-origin-opener-policy", "cross-origin-resource-policy", "date",
    "etag", "last-modified", "link", "location", "permissions-policy", "referrer-policy", "server", "surrogate-key",
    "transfer-encoding", "vary", "x-content-type-options", "x-frame-options",
}  # fmt: skip
# What Django says of a Host that is not ours is none.
FAULTS = re.compile("Internal Server Error|The front failed|Exception in ASGI|never retrieved|Error handling request")


@pytest.fixture(scope="module")
def public():
    with a_prepared_place() as place, place.served(WORKERS="1") as (port, server):
        yield port
        assert not FAULTS.search(server.output)


often = st.sampled_from
FORMS = [
    *[b""] * 3, b"http://127.0.0.1", b"http://evil.example", b"HTTP://a:b@127.0.0.1:80", b"//evil.example", b"http://[",
    b"http://a:b:c",
]  # fmt: skip
NO_TARGETS = [
    b"*", b"", b"http://[", b"http://[::1", b"http://", b"https:", b"127.0.0.1:80", b"?", b"#", b"a", b"/" * 9000,
    b"/\0", b"/\xff\xfe", b"/a b", b"/\t", b"/%", b"/%zz", b"/#", b"/?" + b"q=a&" * 3000, b"/" + b"a" * 140_000,
]  # fmt: skip
METHODS = [
    *[b"GET"] * 6, b"HEAD", b"HEAD", b"POST", b"OPTIONS", b"TRACE", b"CONNECT", b"get", b"G\0T", b"", b"\xff",
    b"G" * 99,
]  # fmt: skip
VERSIONS = [
    *[b"HTTP/1.1"] * 9, b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"http/1.1", b"HTTP/1.1 x", b"", b"HTTP/9.9",
    b"HTTP/1.\0",
]  # fmt: skip
HOSTS = [
    *[b"Host: 127.0.0.1"] * 6, b"Host: evil.example", b"Host:", b"Host: 127.0.0.1:99999", b"Host: [::1", b"Host: a, b",
    b"Host: 127.0.0.1\r\nHost: evil.example", b"X: y", b"Host: \xff", b"Host: 127.0.0.1\0", b"Host : 127.0.0.1",
]  # fmt: skip
LINES = [
    b"X-A: %s", b"Cookie: %s", b"If-None-Match: %s", b"If-Match: %s", b"Range: bytes=%s", b"Accept-Encoding: %s",
    b"%s: a", b"%s",
]  # fmt: skip
# How a body is framed, and the body; each is whole, so that nobody waits for the rest.
BODIES = [
    (b"", b""), (b"", b""), (b"", b""), (b"", b""), (b"Content-Length: 5\r\n", b"hello"),
    (b"Content-Length: +5\r\n", b"hello"), (b"Content-Length: 5\r\nContent-Length: 0\r\n", b"hello"),
    (b"Content-Length: 5, 5\r\n", b"hello"), (b"Content-Length: -1\r\n", b""), (b"Content-Length: 0x5\r\n", b"hello"),
    (b"Content-Length: " + b"9" * 40 + b"\r\n", b""), (b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
    (b"Transfer-Encoding: chunked\r\n", b"zz\r\n\r\n"),
    (b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n"),
    (b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), (b"Transfer-Encoding:\x0bchunked\r\n", b"0\r\n\r\n"),
    (b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    (b"Transfer-Encoding: chunked\r\n", b"0\r\nX-Trailer: 1\r\n\r\n"),
    (b"Transfer-Encoding: chunked\r\n", b"5;a=\"\r\nhello\r\n0\r\n\r\n"),
    (b"Upgrade: h2c\r\nConnection: Upgrade\r\n", b""), (b"Expect: 100-continue\r\nContent-Length: 5\r\n", b"hello"),
]  # fmt: skip


@st.composite
def heads(draw: Any) -> bytes:
    """A request to the end of its body."""
    target = draw(often(FORMS)) + draw(targets()) if draw(st.integers(0, 2)) else draw(often(NO_TARGETS))
    line = b" ".join([draw(often(METHODS)), target, draw(often(VERSIONS))])
    more = [draw(often(LINES)).replace(b"%s", draw(hostile)) + b"\r\n" for _ in range(draw(st.integers(0, 3)))]
    framing, body = draw(often(BODIES))
    return line + b"\r\n" + draw(often(HOSTS)) + b"\r\n" + b"".join(more) + framing + b"\r\n" + body


@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(head=heads())
@example(head=b"GET http://[ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
def test_whatever_bytes_come_the_answers_are_whole_and_the_connection_is_in_step_or_closed(public, head):
    found = answers(said(public, head + LAST, HANG), [head.partition(b" ")[0].decode("latin-1")])
    assert found, "It was closed without a word."
    for answer in found:
        assert answer.status in KNOWN
        assert {name.lower() for name in answer.headers} <= NAMES
        assert not re.search(r"[\r\n\0]", "".join(answer.headers.values()))
    assert found[-1].headers["Connection"] == "close", "It goes on, and the last request has no answer."
