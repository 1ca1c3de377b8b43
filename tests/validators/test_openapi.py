"""openapi.json is OpenAPI 3.1, the data is what it says, and every address answers as it says, whatever is asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import resolve
from jsonschema import Draft202012Validator, FormatChecker
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from talks.formats import FORMATS, of_list, of_page
from talks.records import LISTS, NOUNS
from tests.servers import ask
from tests.test_formats import read, rows

# For each address, in each way of asking: all in `make test-validators`, fewer when these run after all other tests.
EXAMPLES = 8 if os.environ.get("VALIDATORS") else 25
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
# oEmbed 1.0 wants a 501 for a format that is not offered.
CONFIGURATION = """
[[operations]]
include-path = "/oembed"
checks = { not_a_server_error = { expected-statuses = ["2xx", "3xx", "4xx", 501] } }
"""


def described(client) -> dict:
    return json.loads(read(client, "/openapi.json"))


def checker(document: dict, schema: dict) -> Draft202012Validator:
    """A validator of this schema of the document."""
    whole = {**schema, "components": document["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())


@pytest.mark.django_db
def test_the_description_is_openapi_3_1_on_the_site_and_in_a_release(client, release):
    for document in (described(client), json.loads((release / "openapi.json").read_text("utf-8"))):
        assert document["openapi"] == "3.1.0"
        assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []
        for schema in document["components"]["schemas"].values():
            Draft202012Validator.check_schema(schema)
        names = [asked["get"]["operationId"] for asked in document["paths"].values()]
        assert len(names) == len(set(names))
    assert not OPENAPI_31_VALIDATOR.is_valid({**document, "info": {}})


@pytest.mark.django_db
def test_every_address_of_data_is_described_and_every_described_one_is_there(client):
    paths = described(client)["paths"]
    lists = {f"/{name}.{ending}" for name in LISTS for ending in of_list(name)}
    nouns = {f"/{name}/{{slug}}.{ending}" for name in NOUNS for ending in of_page(name)}
    assert lists | nouns < paths.keys()
    for path, asked in paths.items():
        examples = {one["name"]: str(one["example"]) for one in asked["get"]["parameters"] if one["in"] == "path"}
        assert resolve(path.format(**examples))


@pytest.mark.django_db
def test_every_example_of_a_list_narrows_it_and_every_example_of_a_page_is_there(client, release):
    for path, asked in described(client)["paths"].items():
        for one in asked["get"]["parameters"]:
            if "example" in one and one["in"] == "query":
                address = f"{path}?{one['name']}={one['example']}"
            elif "example" in one:
                examples = {
                    other["name"]: str(other["example"]) for other in asked["get"]["parameters"] if "example" in other
                }
                address = path.format(**examples)
            else:
                continue
            answer = client.get(address)
            assert str(answer.status_code) in asked["get"]["responses"], address
            assert answer.status_code in (200, 302), address
            no_lines = path.endswith(".ndjson")  # where nothing is left, that is a file without a line
            assert answer.getvalue() or no_lines or answer.status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_every_list_and_every_record_is_as_it_is_described(client, name):
    document = described(client)
    page = document["paths"][f"/{name}.json"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    told = json.loads(read(client, f"/{name}.json"))
    assert [error.message for error in checker(document, page).iter_errors(told)] == []
    row = checker(document, {"$ref": f"#/components/schemas/{name}"})
    assert [error.message for one in rows(client, f"/{name}.json") for error in row.iter_errors(one)] == []
    if name in NOUNS:
        content = document["paths"][f"/{name}/{{slug}}.json"]["get"]["responses"]["200"]["content"]
        whole = checker(document, content["application/json"]["schema"])
        for slug in NOUNS[name].model.objects.published().values_list("slug", flat=True):
            one = json.loads(read(client, f"/{name}/{slug}.json"))
            assert [error.message for error in whole.iter_errors(one)] == []
            assert not whole.is_valid({**one, "record": {**one["record"], "more": 1}})


@pytest.mark.django_db
@pytest.mark.parametrize("ending", FORMATS)
def test_a_problem_is_as_it_is_described(client, ending):
    document = described(client)
    schema = checker(document, {"$ref": "#/components/schemas/problem"})
    for name in LISTS:
        for address in (f"/{name}.{ending}?after=nothing", f"/{name}/nothing.{ending}"):
            answer = client.get(address)
            if answer.status_code != 200:
                assert schema.is_valid(json.loads(answer.content)), address
            assert answer.getvalue()


@pytest.mark.live
def test_schemathesis_finds_no_fault_in_any_address(site, tmp_path):
    document = ask(site, "/openapi.json").text
    (tmp_path / "openapi.json").write_text(document, "utf-8")
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION, "utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "run", "openapi.json", "--url", f"http://127.0.0.1:{site}",
         "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES),
         "--mode", "all", "--generation-deterministic", "--workers", "2", "--continue-on-failure", "--no-color"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    asked = len(json.loads(document)["paths"])
    assert re.search(rf"Selected: {asked}/{asked}\n +Tested: {asked}\n", done.stdout), done.stdout
    made, passed = re.search(r"(\d+) generated, (\d+) passed", done.stdout).groups()
    assert made == passed
    assert int(made) > 10 * asked
