"""Addresses for crawlers, as sitemaps.org 0.9 writes them down. Knows texts and instants only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from xml.sax.saxutils import escape

TYPE = "application/xml"
BEGINNING = '<?xml version="1.0" encoding="UTF-8"?>\n'
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def index(addresses: Iterable[str]) -> str:
    """A sitemap index that names these sitemaps: 50,000 at most, says the protocol."""
    lines = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>\n" for address in addresses)
    return f'{BEGINNING}<sitemapindex xmlns="{SPACE}">\n{lines}</sitemapindex>\n'


def pages(addresses: Iterable[tuple[str, datetime | None]]) -> str:
    """A sitemap of these pages, each with the instant of its last change if that is known."""
    lines = "".join(f"<url><loc>{escape(address)}</loc>{_changed(at)}</url>\n" for address, at in addresses)
    return f'{BEGINNING}<urlset xmlns="{SPACE}">\n{lines}</urlset>\n'


def _changed(at: datetime | None) -> str:
    """A W3C date and time, to the second. (`strftime` takes twice as long, and a sitemap has thousands.)"""
    return f"<lastmod>{at.astimezone(UTC).isoformat(timespec='seconds')[:-6]}Z</lastmod>" if at else ""
