"""Every question of every kind of page is EXPLAINed over many statements: none walks through a big table.

What is allowed all the same stands in ALLOWED, each with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bench import pages
from talks.querysets.typed import MOST_FOUND
from tests.scale.conftest import NUMBER

pytestmark = pytest.mark.django_db

BIG = (
    *("talks_statement", "talks_passage", "talks_statement_mentions", "talks_search", "talks_search_words"),
    *("talks_sourcetext", "talks_evidence_owed", "talks_evidence_paid"),
    *("talks_search_vocabulary", "talks_search_sample"),
)
# PostgreSQL knows how many rows it means to read: so many are no page's any more.
MANY = NUMBER // 2
# (what the plan of a step says, what the question has in it): why that is no fault.
ALLOWED = [
    (r"SCAN e$", "ORDER BY e.place", "in the order of the key, and no more than are counted"),
    (r"SCAN w VIRTUAL TABLE INDEX", "MATCH", "the full-text index, read for what fits"),
    (r"SCAN .* VIRTUAL TABLE INDEX", "MATCH", "the full-text index, read for what fits"),
    (r"SCAN \w+ VIRTUAL TABLE INDEX [1-9]", "FROM talks_search_vocabulary WHERE term ", "read from a word on"),
    (r"SCAN \w+ USING (COVERING )?INDEX", "LIMIT", "in the order of an index, and no more than are shown"),
    (r"SCAN \w+$", 'ORDER BY "talks_statement"."id" ASC LIMIT', "in the order of the key, no more than are shown"),
    (r"SCAN", "LIKE", "a search at the desk reads all texts, drafts among them"),
    (r"SCAN", "REGEXP", "the same beyond ASCII"),
    (r"Seq Scan", "UPPER(", "the same on PostgreSQL"),
    (r"Seq Scan", "LIKE", "the same on PostgreSQL"),
    (r"Seq Scan", "LIMIT 10001", "counted as far as pages are turned, in any order"),
    (r"SCAN", "LIMIT 10001", "counted as far as pages are turned, in any order"),
    (r"Seq Scan", f"LIMIT {MOST_FOUND + 1}", "the same of what each is looked at for, which more than thousands have"),
    (r"SCAN", f"LIMIT {MOST_FOUND + 1}", "the same of what each is looked at for, which more than thousands have"),
]
# What is allowed to a walk that ends where enough is found.
READ = ("LIKE", "REGEXP", "UPPER(", f"LIMIT {MOST_FOUND + 1}")


def addresses() -> Iterator[tuple[str, str]]:
    """(name, address) of all pages; the desk's come last, when its site is in force."""
    on = pages.day()
    for name, address in pages.public_pages():
        yield name, address.replace("{day}", on).replace("{site}", "http://127.0.0.1:8000")


def plan(sql: str, values: Any) -> list[str]:
    """The steps of a plan, one a line; nothing for what is no question. With the values bound as they were: SQLite
    plans otherwise for values that stand in the text.
    """
    if not re.match(r"\s*(SELECT|WITH)\b", sql):
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN {sql}", values)
            return [line for (line,) in cursor.fetchall()]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        return [step[3] for step in cursor.fetchall()]


def aliases(sql: str) -> dict[str, str]:
    """What each name of a table in a question stands for."""
    found = {table: table for table in BIG}
    for table, alias in re.findall(r'(?:FROM|JOIN|,)\s+"?(talks_\w+)"?\s+(?:AS\s+)?"?(\w+)"?', sql):
        found[alias] = table
    return found


def faults(sql: str, values: Any = None) -> list[str]:
    """The steps that walk through a big table without a reason."""
    names = aliases(sql)
    found = []
    steps = plan(sql, values)
    # Whoever sorts has read everything before the first row, whatever the planner thinks that a text leaves.
    is_sorted = any(re.match(r"\s*(->\s+)?Sort\b|USE TEMP B-TREE FOR ORDER BY", step) for step in steps)
    for step in steps:
        if connection.vendor == "postgresql":
            match = re.search(r"Seq Scan on (\w+)", step)
            rows = int(re.search(r"rows=(\d+)", step)[1]) if match else 0
            walked = match and match[1] in BIG and (is_sorted or rows >= MANY)
        else:
            match = re.match(r"SCAN (\S+)", step)
            walked = match and names.get(match[1]) in BIG
        allowed = (told for told, part, _ in ALLOWED if part in sql and not (is_sorted and part in READ))
        if walked and not any(re.search(told, step) for told in allowed):
            found.append(f"{step.strip()}\n    in {sql[:600]}")
    return found


def told_of(client: Client, pages_asked: list[tuple[str, str]]) -> list[str]:
    told = []
    for name, address in pages_asked:
        asked: list[tuple[str, Any]] = []

        def watch(execute: Any, sql: str, values: Any, many: bool, context: Any, asked: Any = asked) -> Any:
            asked.append((sql, values))
            return execute(sql, values, many, context)

        with connection.execute_wrapper(watch):
            answer = client.get(address)
            list(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200, address
        told += [f"{name} ({address}): {fault}" for sql, values in asked for fault in faults(sql, values)]
    return list(dict.fromkeys(told))


def test_no_page_format_or_feed_walks_through_a_big_table(client):
    told = told_of(client, list(addresses()))
    assert not told, "\n".join(told)


def test_no_list_of_the_desk_walks_through_a_big_table(editor_site, admin_client):
    told = told_of(admin_client, list(pages.admin_pages(pages.keys())))
    assert not told, "\n".join(told)


@pytest.mark.parametrize("sql", ["SELECT text FROM talks_statement", 'SELECT s.exact FROM "talks_passage" s'])
def test_a_walk_through_a_big_table_is_noticed(sql):
    assert faults(sql)


@pytest.mark.sqlite
def test_a_walk_through_the_vocabulary_is_noticed():
    assert faults("SELECT count(*) FROM talks_search_vocabulary")
    assert not faults("SELECT term FROM talks_search_vocabulary WHERE term >= 'talk' ORDER BY term LIMIT 1")


def test_a_question_with_an_index_is_none():
    assert not faults("SELECT text FROM talks_statement WHERE slug = 'statement-0000004'")
