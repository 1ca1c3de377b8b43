"""Addresses of the pages. One stem each: `statements` in the address, `statement-detail` as the name."""

import re

from django.urls import path, register_converter

from talks import data, downloads, embeds, machines, sitemaps, views
from talks.formats import FORMATS, Format
from talks.records import LISTS, NOUNS, Record


class RecordConverter:
    """`statements` in an address, the record in a view."""

    regex = "|".join(NOUNS)

    def to_python(self, value: str) -> Record:
        return NOUNS[value]

    def to_url(self, value: Record) -> str:
        return value.name


class ListConverter(RecordConverter):
    """The same for records that have a list, if no pages."""

    regex = "|".join(LISTS)

    def to_python(self, value: str) -> Record:
        return LISTS[value]


class FormatConverter:
    """`json` in an address, the format in a view; an unknown one is an unknown address."""

    regex = "|".join(map(re.escape, FORMATS))

    def to_python(self, value: str) -> Format:
        return FORMATS[value]

    def to_url(self, value: str) -> str:
        return value


class NumberConverter:
    """The number of a release: no larger one fits into its column."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class FileConverter:
    """The plain name of a file."""

    regex = "[A-Za-z0-9_][A-Za-z0-9._-]*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NumberConverter, "number")
register_converter(FileConverter, "file")
register_converter(RecordConverter, "record")
register_converter(ListConverter, "list")
register_converter(FormatConverter, "format")

urlpatterns = [
    path("data/", data.index, name="data"),
    path("data/codebook/", data.codebook, name="codebook"),
    path("data/api/", data.api, name="api"),
    path("data/releases/<number:number>/", downloads.release_detail, name="release-detail"),
    path("data/releases/<number:number>/<file:name>", downloads.release_file, name="release-file"),
    path("data/latest/<file:name>", downloads.latest_file, name="latest-file"),
    path("data.jsonld", data.dataset, name="dataset"),
    path("openapi.json", data.openapi_document, name="openapi"),
    path("meetings.svg", data.meetings_drawing, name="meetings-drawing"),
    path("<list:record>.<format:format>", data.listing_data, name="listing-data"),
    path("<record:record>/<slug:slug>.<format:format>", data.detail_data, name="detail-data"),
    path("opensearch.xml", machines.opensearch, name="opensearch"),
    path("robots.txt", machines.robots, name="robots"),
    path(".well-known/security.txt", machines.security, name="security"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-pages.xml", sitemaps.pages, name="sitemap-pages"),
    path("sitemap-<record:record>-<number:number>.xml", sitemaps.part, name="sitemap-part"),
    path("", views.front, name="front"),
    path("corrections/", views.correction_list, name="correction-list"),
    path("about/", views.about, name="about"),
    path("meetings/", views.meeting_list, name="meeting-list"),
    path("meetings/<slug:slug>/", views.meeting_detail, name="meeting-detail"),
    path("delegations/", views.delegation_list, name="delegation-list"),
    path("delegations/<slug:slug>/", views.delegation_detail, name="delegation-detail"),
    path("parties/", views.party_list, name="party-list"),
    path("parties/<slug:slug>/", views.party_detail, name="party-detail"),
    path("people/", views.person_list, name="person-list"),
    path("people/<slug:slug>/", views.person_detail, name="person-detail"),
    path("statements/", views.statement_list, name="statement-list"),
    path("statements/<slug:slug>/", views.statement_detail, name="statement-detail"),
    path("embed/statements/<slug:slug>/", embeds.statement_embed, name="statement-embed"),
    path("oembed", embeds.oembed, name="oembed"),
    path("sources/", views.source_list, name="source-list"),
    path("sources/<slug:slug>/", views.source_detail, name="source-detail"),
]
