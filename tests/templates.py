"""Whether the templates of readers' pages can be read, and whether parts ask for their inputs only; told in a line each.

A macro does not see what the page around it knows: a name that is none of its inputs would silently be nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import django
from django.template import engines
from jinja2 import TemplateSyntaxError, meta


def faults() -> Iterator[str]:
    environment = engines["jinja2"].env
    for name in environment.list_templates():
        source = environment.loader.get_source(environment, name)[0]
        try:
            environment.compile(source, name)
            unknown = meta.find_undeclared_variables(environment.parse(source, name)) - environment.globals.keys()
        except TemplateSyntaxError as error:
            yield f"templates/{name}, line {error.lineno}: {error.message}"
            continue
        if name.startswith("parts/") and unknown:
            yield f"templates/{name}: {', '.join(sorted(unknown))}: no input, and nothing that all templates know"


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    found = list(faults())
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(1 if found else 0)
