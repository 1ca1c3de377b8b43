"""Fetches pages of other people's sites: politely, within bounds, and never from inside our own network.

Knows addresses and bytes; no models. One request at a time, with a pause between two to the same host. Every
redirect is judged like a first address, and the connection goes to the very IP address that was judged.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

AGENT = "TalksInContext-LinkCheck/1 (checks whether cited pages still stand; obeys robots.txt)"
LARGEST = 5 * 1024 * 1024  # bytes of a body
MOST_REDIRECTS = 5
PAUSE = 1.0  # seconds between two requests to one host
SOCKET_SECONDS = 10.0
DEADLINE_SECONDS = 30.0  # for one request, redirects not counted


class Fetched(NamedTuple):
    """What came of an address. `problem` is empty if an answer came; `status` is its code, else 0."""

    status: int
    url: str
    body: bytes = b""
    charset: str = ""
    problem: str = ""
    redirects: tuple[str, ...] = ()
    kind: str = ""  # the media type of the body, as the server names it


class Refused(Exception):
    """An address that is not fetched, and why."""


class Fetcher:
    """Fetches one page after another. `allow_private` is for tests against servers on this machine."""

    def __init__(self, allow_private: bool = False, pause: float = PAUSE, seconds: float = SOCKET_SECONDS) -> None:
        self.allow_private, self.pause, self.seconds = allow_private, pause, seconds
        self.deadline = min(DEADLINE_SECONDS, seconds * 3)
        self.last: dict[str, float] = {}
        self.robots: dict[str, RobotFileParser | str] = {}

    def fetch(self, url: str, with_body: bool = True) -> Fetched:
        """HEAD, and GET where the body is wanted or HEAD brought nothing good."""
        head = self._follow("HEAD", url)
        if head.problem.startswith("refused") or (200 <= head.status < 300 and not with_body):
            return head
        return self._follow("GET", url)

    def _follow(self, method: str, url: str) -> Fetched:
        passed: list[str] = []
        try:
            while True:
                if problem := self._refusal(url):
                    return Fetched(0, url, problem=problem, redirects=tuple(passed))
                answer = self._request(method, url)
                target = answer.redirects[0] if answer.redirects else ""
                if not target:
                    return answer._replace(redirects=tuple(passed))
                if len(passed) == MOST_REDIRECTS:
                    return Fetched(answer.status, url, problem="too many redirects", redirects=tuple(passed))
                passed.append(url)
                url = target
        except Refused as refused:
            return Fetched(0, url, problem=f"refused: {refused}", redirects=tuple(passed))
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Fetched(0, url, problem=_named(error), redirects=tuple(passed))

    def _refusal(self, url: str) -> str:
        """Why robots.txt does not let us fetch an address; empty if it does."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self.robots:
            self.robots[site] = self._read_robots(site)
        rules = self.robots[site]
        if isinstance(rules, str):
            return rules
        return "" if rules.can_fetch(AGENT, url) else "refused by robots.txt"

    def _read_robots(self, site: str) -> RobotFileParser | str:
        """RFC 9309: no such file allows everything, one that cannot be had allows nothing; redirects are followed."""
        url = f"{site}/robots.txt"
        try:
            for _ in range(MOST_REDIRECTS + 1):
                answer = self._request("GET", url)
                if not answer.redirects:
                    break
                url = answer.redirects[0]
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _named(error)
        # One that is too long is read as far as it goes.
        if (
            (answer.problem and not answer.problem.startswith("larger"))
            or answer.status >= 500
            or answer.status in (401, 403, 429)
        ):
            return "refused: robots.txt cannot be read"
        rules = RobotFileParser()
        rules.parse(answer.body.decode("utf-8", "replace").splitlines() if answer.status == 200 else [])
        return rules

    def _request(self, method: str, url: str) -> Fetched:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("only http and https are fetched")
        if parts.username or parts.password:
            raise Refused("the address has a user name in it")
        self._wait(parts.hostname)
        connection = self._connect(parts.scheme, parts.hostname, parts.port)
        # A server that sends a byte a second, in its head or in its body, is hung up on in the end.
        late = threading.Event()
        watch = threading.Timer(self.deadline, _hang_up, [connection, late])
        watch.start()
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, _ascii(path), headers={"User-Agent": AGENT, "Accept-Encoding": "identity"})
            response = connection.getresponse()
            moved = response.headers.get("Location", "") if response.status in (301, 302, 303, 307, 308) else ""
            body, problem = self._body(response) if method == "GET" and not moved else (b"", "")
            charset = response.headers.get_content_charset() or ""
            # A header is read as Latin-1: each sign is a byte as it was sent.
            folded = re.sub(r"\s*[\r\n]\s*", " ", moved)
            plain = "".join(sign if 32 < ord(sign) < 127 else f"%{ord(sign):02X}" for sign in folded)
            target = (urljoin(url, plain),) if moved else ()
            problem = "too slow" if late.is_set() else problem
            return Fetched(response.status, url, body, charset, problem, target, response.headers.get_content_type())
        finally:
            watch.cancel()
            connection.close()

    def _wait(self, host: str) -> None:
        since = time.monotonic() - self.last.get(host, -self.pause)
        if since < self.pause:
            time.sleep(self.pause - since)
        self.last[host] = time.monotonic()

    def _connect(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        number = port or (443 if scheme == "https" else 80)
        found = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)
        addresses: list[Any] = [entry[4][0] for entry in found]
        if not self.allow_private and not all(is_public(ipaddress.ip_address(address)) for address in addresses):
            raise Refused(f"{host} is not on the public network")
        connection = http.client.HTTPConnection(host, number, timeout=self.seconds)
        connection.sock = socket.create_connection((addresses[0], number), self.seconds)
        if scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        return connection

    def _body(self, response: http.client.HTTPResponse) -> tuple[bytes, str]:
        """At most LARGEST bytes within the deadline, and what is wrong with them."""
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return b"", "sent in an encoding that was not asked for"
        pieces, size, end = [], 0, time.monotonic() + self.deadline
        while piece := response.read1(65536):
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST:
                return b"".join(pieces)[:LARGEST], f"larger than {LARGEST:,} bytes"
            if time.monotonic() > end:
                return b"".join(pieces), "too slow"
        return b"".join(pieces), "cut short" if response.length else ""


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an IP address is one host on the public network, and none of ours in disguise."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(inner)
        if any(address in network for network in _DISGUISES) or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


# IPv4 addresses within IPv6 ones: translated (RFC 6052), and compatible (RFC 4291, no longer used).
_DISGUISES = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))


def _hang_up(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    late.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _ascii(text: str) -> str:
    return "".join(
        sign if 32 < ord(sign) < 127 else "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogatepass"))
        for sign in text
    )


def _named(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "the host has no address"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    told = f"{type(error).__name__}: {error}"[:200]
    return "".join(sign if sign.isprintable() else "?" for sign in told)
