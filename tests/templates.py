"""Whether the templates of readers' pages can be read, whether parts ask for their inputs only, and whether each part that
is shown is there and has such inputs; told in a line each.

A macro does not see what the page around it knows: a name that is none of its inputs would silently be nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import django
from django.template import engines
from jinja2 import TemplateNotFound, TemplateSyntaxError, meta, nodes


def faults() -> Iterator[str]:
    environment = engines["jinja2"].env
    for name in environment.list_templates():
        source = environment.loader.get_source(environment, name)[0]
        try:
            environment.compile(source, name)
            parsed = environment.parse(source, name)
            unknown = meta.find_undeclared_variables(parsed) - environment.globals.keys()
        except TemplateSyntaxError as error:
            yield f"templates/{name}, line {error.lineno}: {error.message}"
            continue
        if name.startswith("parts/") and unknown:
            yield f"templates/{name}: {', '.join(sorted(unknown))}: no input, and nothing that all templates know"
        for call in parsed.find_all(nodes.Call):
            yield from (f"templates/{name}, line {call.lineno}: {fault}" for fault in wrongly_shown(call, environment))


def wrongly_shown(call: nodes.Call, environment: Any) -> Iterator[str]:
    """What is wrong with `show.badge(statement)`; nothing with other calls."""
    match call.node:
        case nodes.Getattr(node=nodes.Name(name="show"), attr=part):
            try:
                inputs = getattr(environment.globals["show"], part).arguments
            except (TemplateNotFound, AttributeError):
                yield f"there is no part {part}"
                return
            if len(call.args) > len(inputs):
                yield f"{part} has {len(inputs)} inputs"
            yield from (f"{part} has no input {one.key}" for one in call.kwargs if one.key not in inputs)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    found = list(faults())
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(1 if found else 0)
