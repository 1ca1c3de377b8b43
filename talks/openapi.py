"""The addresses for programs as OpenAPI 3.1, made from records, formats and filters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms

from talks import codebook, formats
from talks.filters import FILTERS
from talks.formats.jsonld import LICENCE
from talks.records import BY_MODEL, LISTS, NOUNS, RECORDS, Record
from talks.records.record import Column

Schema = dict[str, Any]
PARTS = {"meetings": "meeting_states", "delegations": "delegation_members", "statements": "passages"}
FILE = "statements.csv"
MAY_MISS = ("more_than",)
PROBLEM = {"$ref": "#/components/schemas/problem"}


def document(site: str, version: str) -> Schema:
    """The whole description."""
    paths = {address: {"get": asked} for address, asked in operations(site)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Talks in Context",
            "summary": "Quotations from diplomatic talks, each with its meeting and the words of its source.",
            "version": version,
            "license": {"name": "CC BY 4.0", "url": LICENCE},
        },
        "servers": [{"url": site}],
        "paths": paths,
        "components": {"schemas": {**{name: row_schema(record) for name, record in RECORDS.items()}, **_others()}},
    }


def operations(site: str = "") -> Iterator[tuple[str, Schema]]:
    """Every address with what can be asked of it and what comes back."""
    for name, record in LISTS.items():
        for ending in formats.of_list(name):
            yield f"/{name}.{ending}", _list(record, ending)
    yield "/meetings.svg", _drawing()
    for name, record in NOUNS.items():
        for ending in formats.of_page(name):
            yield f"/{name}/{{slug}}.{ending}", _page(record, ending)
    yield "/data/releases/{number}/{file}", _download()
    yield "/data/latest/{file}", _latest()
    yield "/oembed", _oembed(site)
    yield "/data.jsonld", _operation("All data as a Dataset of schema.org", [], {"application/ld+json": {}}, "dataset")
    yield "/openapi.json", _operation("This description", [], {"application/json": {"type": "object"}}, "openapi")


class Address(NamedTuple):
    """Addresses that differ in their ending only, with all that can be asked of one of them."""

    stem: str
    endings: list[str]
    parameters: dict[str, str]  # by name, what each means


def addresses() -> list[Address]:
    """The same for people: one for each list and each kind of page, then the others."""
    found: dict[str, Address] = {}
    for whole, asked in operations():
        stem, dot, ending = whole.partition(".")
        kept = found.setdefault(stem if dot else whole, Address(stem if dot else whole, [], {}))
        kept.endings.extend([dot + ending] if dot else [])
        kept.parameters.update({one["name"]: one.get("description", "") for one in asked["parameters"]})
    return list(found.values())


def _list(record: Record, ending: str) -> Schema:
    format = formats.FORMATS[ending]
    parameters = [_query(name, field) for name, field in _filters(record.name)]
    if not format.whole:
        parameters += [_text("after", "The key of the row before the page."), _text("before", "The key after it.")]
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{record.name}"}}
    page: Schema = {
        "edition": {"type": "integer"},
        "total": {
            "type": ["integer", "null"],
            "description": "Exact for a whole list; of a narrowed list of statements up to 10,000, null above.",
        },
        "more_than": {"type": "integer", "description": "There if total is null: how many were counted."},
        "next": {"type": ["string", "null"], "format": "uri"},
        "records": rows,
    }
    schema = _object(page) if ending == "json" else {}
    told = f"{record.name} as {formats.NAMES[ending]}{', whole' if format.whole else ', a page at a time'}"
    return _operation(told, parameters, {format.media_type: schema}, f"{record.name}-{ending}")


def _page(record: Record, ending: str) -> Schema:
    slug: Schema = {**_text("slug", "The slug of the record."), "in": "path", "required": True}
    slug["schema"] = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "minLength": 1}
    slug |= _example(record.name, "slug")
    whole: Schema = {"edition": {"type": "integer"}, "record": {"$ref": f"#/components/schemas/{record.name}"}}
    for part in filter(None, [PARTS.get(record.name), "corrections"]):
        whole[part] = {"type": "array", "items": {"$ref": f"#/components/schemas/{part}"}}
    schema = _object(whole) if ending == "json" else {}
    told = f"One of {record.name} as {formats.NAMES[ending]}"
    format = formats.FORMATS[ending]
    asked = _operation(told, [slug], {format.media_type: schema}, f"{record.name}-one-{ending}")
    asked["responses"]["410"] = _problem("It was withdrawn")
    asked["responses"]["301"] = {"description": "It has another slug now"}
    if record.name == "meetings":
        _add_day(asked, schema)
    return asked


def _add_day(asked: Schema, schema: Schema) -> None:
    """What can be asked of a meeting besides: what was known of it at the end of a day."""
    day = {"type": "string", "format": "date"}
    means = "A day (such as 2025-06-02): only what had been reported by its end."
    asked["parameters"].append({**_text("as_of", means), "schema": day})
    asked["responses"]["302"] = {"description": "The last day before it on which something was reported"}
    if schema:
        schema["properties"]["as_of"] = day  # only where it was asked for


def _drawing() -> Schema:
    parameters = [_query(name, field) for name, field in _filters("meetings")]
    return _operation("The timeline of meetings as a drawing", parameters, {"image/svg+xml": {}}, "meetings-svg")


def _download() -> Schema:
    number: Schema = {**_text("number", "The number of the release."), "in": "path", "required": True}
    number["schema"] = {"type": "integer", "minimum": 1}
    number["example"] = 1
    file = {**_text("file", "The name of a file of the release."), "in": "path", "required": True, "example": FILE}
    asked = _operation("A file of a release", [number, file], {"*/*": {}}, "release-file")
    asked["responses"]["206"] = {"description": "A part of it, as the header Range asked for"}
    asked["responses"]["416"] = {"description": "It has no such part"}
    return asked


def _latest() -> Schema:
    file = {**_text("file", "The name of a file of the release."), "in": "path", "required": True, "example": FILE}
    asked = _operation("The same file of the latest release", [file], {}, "latest-file")
    asked["responses"]["302"] = {"description": "Where it is"}
    del asked["responses"]["200"]
    return asked


def _oembed(site: str) -> Schema:
    page = f"{site}/statements/{codebook.examples()['statements']['slug']}/"
    pixels = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    parameters: list[Schema] = [
        {**_text("url", "The address of a statement's page."), "required": True, "example": page},
        {**_text("format", "Always json."), "schema": {"type": "string", "enum": ["json"]}},
        {**_text("maxwidth", "In pixels."), "schema": pixels},
        {**_text("maxheight", "In pixels."), "schema": pixels},
    ]
    asked = _operation("A quotation for another page (oEmbed 1.0)", parameters, {"application/json": {}}, "oembed")
    asked["responses"]["400"] = _problem("A parameter is missing or no number")
    asked["responses"]["301"] = {"description": "The same question about the slug that it has now"}
    asked["responses"]["410"] = _problem("It was withdrawn")
    asked["responses"]["501"] = _problem("A format that is not offered")
    return asked


def _operation(summary: str, parameters: list[Schema], content: Schema, name: str) -> Schema:
    answers = {kind: {"schema": schema} if schema else {} for kind, schema in content.items()}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": summary, **({"content": answers} if answers else {})},
            "400": _problem("A parameter that this address does not know"),
            "404": _problem("There is no such address, or a parameter has a value that is not known"),
        },
    }


def _problem(description: str) -> Schema:
    return {"description": description, "content": {"application/problem+json": {"schema": PROBLEM}}}


def _filters(record: str) -> Iterator[tuple[str, forms.Field]]:
    yield from (FILTERS[record].base_fields if record in FILTERS else {}).items()


def _query(name: str, field: Any) -> Schema:
    if hasattr(field, "schema"):
        return {**_text(name, str(field.help_text)), "schema": field.schema}
    named = f"Only those of this {str(field.label).lower()}"
    if hasattr(field, "queryset"):
        return {**_text(name, f"{named} (a slug)."), **_example(BY_MODEL[field.queryset.model].name, "slug")}
    # An empty one narrows nothing: a form sends it where nothing was chosen.
    known = [*(str(value) for value, _ in field.choices), ""]
    return {**_text(name, str(field.help_text) or f"{named}."), "schema": {"type": "string", "enum": known}}


def _example(record: str, column: str) -> Schema:
    """What stands in this column of the built-in data, so that the first try answers with something."""
    known = codebook.examples().get(record, {})
    return {"example": known[column]} if column in known else {}


def _text(name: str, description: str) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string"}}


def _object(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in MAY_MISS],
        "additionalProperties": False,
    }


def row_schema(record: Record) -> Schema:
    """A row of a record as a JSON Schema."""
    return _object({entry.column.name: _column(entry) for entry in codebook.entries(record)})


KINDS: dict[str, Schema] = {
    "number": {"type": "integer"},
    "truth value": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "instant (UTC)": {"type": "string", "format": "date-time"},
}


def _column(entry: codebook.Entry) -> Schema:
    column: Column = entry.column
    schema = dict(KINDS.get(column.kind, {"type": "string"}))
    if column.kind.startswith(("slugs of", "list of")):
        schema = {"type": "array", "items": {"type": "string"}}
    elif column.may_be_empty:
        schema["type"] = [schema["type"], "null"]
    if column.values:
        schema["enum"] = [value for value, _ in column.values] + (["", None] if column.may_be_empty else [])
    example = codebook.examples().get(entry.record, {}).get(column.name)
    return {**schema, "description": column.meaning, **({"examples": [example]} if example is not None else {})}


def _others() -> Schema:
    problem = {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "instance": {"type": "string"},
    }
    return {"problem": {"type": "object", "description": "RFC 9457", "properties": problem, "required": ["status"]}}
