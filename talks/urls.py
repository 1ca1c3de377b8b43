"""Addresses of the pages. One stem each: `statements` in the address, `statement-detail` as the name."""

import re

from django.urls import path, register_converter

from talks import data, views
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


register_converter(RecordConverter, "record")
register_converter(ListConverter, "list")
register_converter(FormatConverter, "format")

urlpatterns = [
    path("data/", data.index, name="data"),
    path("data/codebook/", data.codebook, name="codebook"),
    path("<list:record>.<format:format>", data.listing_data, name="listing-data"),
    path("<record:record>/<slug:slug>.<format:format>", data.detail_data, name="detail-data"),
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
    path("sources/", views.source_list, name="source-list"),
    path("sources/<slug:slug>/", views.source_detail, name="source-detail"),
]
