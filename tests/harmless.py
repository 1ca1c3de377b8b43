"""Whether a migration's SQL is harmless on PostgreSQL: to tables of a million rows that everybody reads meanwhile, and to
the last build, which serves on until it is restarted. Knows SQL as `sqlmigrate` prints it; no model, no database.

What is not known to be harmless is refused, so that a kind of statement that nobody thought of is not let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

WRITTEN = "writes the whole table anew, and nobody may read it meanwhile"
READ = (
    "reads the whole table, and others wait meanwhile: NOT VALID or CONCURRENTLY first, the rest in a later migration"
)
INDEXED = "whoever writes waits until the index is made: CONCURRENTLY, in a migration of its own with atomic = False"
WITHIN = "cannot be done in a transaction, or not in this one: a migration of its own"
MISSED = "the last build asks for it: let one build go without it, and take it away in the next"
LEFT_OUT = "the last build leaves the column out of what it writes: null=True or db_default"
EACH_ROW = "writes rows in one transaction, for whose end all who write wait: a command that does it in stretches"
UNSEEN = "is Python, whose SQL cannot be judged before it runs"
UNKNOWN = "is not known to be harmless"

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|(\$\w*\$).*?\1|--[^\n]*|.", re.S)
_NEVER_AS_SQL = "THIS OPERATION CANNOT BE WRITTEN AS SQL"
_CONSTANT = re.compile(r"(now|statement_timestamp)\(\)", re.I)
_GENERATED = r"\b(small|big)?serial\b|\bGENERATED\b|\bDEFAULT [^,]*?\w\("

# The first that fits is told of an action of ALTER TABLE; "" is harmless.
_ACTIONS = [
    (r"ADD CONSTRAINT \S+ (UNIQUE|PRIMARY KEY) USING INDEX", ""),
    (r"ADD (CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b(?!.* NOT VALID$)", READ),
    (r"ADD CONSTRAINT", ""),
    (r"ALTER (COLUMN )?\S+ (SET DATA )?TYPE\b", WRITTEN),
    (r"ALTER (COLUMN )?\S+ DROP DEFAULT$", LEFT_OUT),
    (r"ALTER (COLUMN )?\S+ (SET DEFAULT|DROP NOT NULL|SET STATISTICS|SET STORAGE)\b", ""),
    (r"DROP CONSTRAINT", ""),
    (r"RENAME\b", MISSED),
]
_STATEMENTS = [
    (r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)", INDEXED),
    (r"DROP INDEX", ""),
    (r"SET (CONSTRAINTS|lock_timeout)\b|COMMENT ON|CREATE (OR REPLACE )?(FUNCTION|TYPE|EXTENSION|SEQUENCE)", ""),
    (r"UPDATE|DELETE", EACH_ROW),
]


class Complaint(NamedTuple):
    """Why a statement is refused."""

    why: str
    statement: str


def cut(text: str, at: str) -> list[str]:
    """Pieces between signs that stand in no bracket and no literal; without comments, quotes, and what literals say."""
    depth, pieces = 0, [""]
    for found in _TOKEN.finditer(text):
        token = found[0]
        depth += (token == "(") - (token == ")")
        if token == at and not depth:
            pieces.append("")
        elif not token.startswith("--"):
            pieces[-1] += {"'": "''", '"': token.strip('"'), "$": "$$"}.get(token[0], token) if token[1:] else token
    return [" ".join(piece.split()) for piece in pieces if piece.strip()]


def _first(rules: list[tuple[str, str]], sql: str) -> str:
    return next((why for pattern, why in rules if re.match(pattern, sql, re.I)), UNKNOWN)


class Reader:
    """Reads the scripts of migrations in their order; what an earlier one made sure of, a later one may rest on."""

    def __init__(self) -> None:
        self.unproved: dict[tuple[str, str], str] = {}  # (table, constraint): the column that it says is never NULL
        self.proved: set[tuple[str, str]] = set()  # (table, column)

    def complaints(self, script: str, known: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Complaint]:
        """What is wrong with one migration. `known`: (table, column) of what the last build asks for."""
        self.made: set[str] = set()
        self.altered: set[str] = set()
        self.atomic, self.known = False, known
        if _NEVER_AS_SQL in script:
            yield Complaint(UNSEEN, _NEVER_AS_SQL)
        for statement in cut(script, ";"):
            if statement in ("BEGIN", "COMMIT"):
                self.atomic = statement == "BEGIN"
                self.altered.clear()
                continue
            for why in filter(None, self._judged(statement)):
                yield Complaint(why, statement)

    def _judged(self, sql: str) -> Iterator[str]:
        """Why, for each thing that is wrong; "" for each that is not."""
        sql = re.sub(r"\b(IF (NOT )?EXISTS|ONLY) ", "", sql)
        if found := re.match(r"ALTER TABLE (\S+) (.*)", sql, re.I):
            table, actions = found[1], cut(found[2], ",")
            yield from (self._altered(table, action) for action in actions if table not in self.made)
            self.altered.add(table)
        elif found := re.match(r"CREATE TABLE (\S+)", sql, re.I):
            self.made.add(found[1])
        elif found := re.match(r"DROP TABLE (\S+)", sql, re.I):
            yield MISSED if found[1] in {table for table, _ in self.known} else ""
        elif re.match(r"(CREATE (UNIQUE )?|DROP )INDEX CONCURRENTLY", sql, re.I):
            yield WITHIN if self.atomic else ""
        elif not ((found := re.match(r"CREATE .*?INDEX .*? ON (\S+)", sql, re.I)) and found[1] in self.made):
            yield _first(_STATEMENTS, sql)

    def _altered(self, table: str, action: str) -> str:
        """Why this action on a table that has rows is refused; "" if it is not."""
        verb, what, *name = action.split(" ", 2)
        if (verb, what) == ("ADD", "COLUMN"):
            return self._added(name[0])
        if (verb, what) == ("DROP", "COLUMN"):
            return MISSED if (table, name[0].split()[0]) in self.known else ""
        if verb == "VALIDATE":
            return self._proved(table, name[0])
        if found := re.match(r"ALTER (?:COLUMN )?(\S+) SET NOT NULL$", action, re.I):
            return "" if (table, found[1]) in self.proved else READ
        if found := re.match(r"ADD CONSTRAINT (\S+) CHECK \(\(?(\S+?) IS NOT NULL\)+ NOT VALID$", action, re.I):
            self.unproved[table, found[1]] = found[2]
        return _first(_ACTIONS, action)

    def _added(self, column: str) -> str:
        """A new column: harmless if the catalogue alone is written, and the last build need not know it."""
        if re.search(_GENERATED, _CONSTANT.sub("now", column), re.I):
            return WRITTEN
        if re.search(r"\b(CHECK|UNIQUE|PRIMARY KEY)\b|\bDEFAULT\b.* REFERENCES\b", column, re.I):
            return READ
        return LEFT_OUT if "NOT NULL" in column.upper() and " DEFAULT " not in column.upper() else ""

    def _proved(self, table: str, constraint: str) -> str:
        """Rows are read beside others who read and write, unless this transaction keeps them out already."""
        if self.atomic and table in self.altered:
            return WITHIN
        if column := self.unproved.pop((table, constraint), ""):
            self.proved.add((table, column))
        return ""
