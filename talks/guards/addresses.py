"""What both databases know of addresses: which table has which record, and what is said in refusing.

An address is used once: a slug that stands in `talks_tombstone`, or as an old slug in `talks_redirect`, is no noun's
again, and neither is written over a noun that stands. What is withdrawn stays so; the one way back is a release that
brings the record, which its digest (`imported_sha256`, empty before) tells. A noun that was published once leaves a
tombstone when its row is deleted, whoever deletes it.
"""

from __future__ import annotations

NOUNS = {
    "parties": "talks_party",
    "people": "talks_person",
    "sources": "talks_source",
    "meetings": "talks_meeting",
    "delegations": "talks_delegation",
    "statements": "talks_statement",
    "editors_notes": "talks_editorsnote",
}
# Where old addresses are remembered, and in which column.
MEMORY = {"talks_tombstone": "slug", "talks_redirect": "old_slug"}

USED = ".slug was used before: a slug that was withdrawn or has moved is never used again"
FINAL = ".status: what is withdrawn stays withdrawn, and keeps its slug"
STANDS = " is the address of a record that stands"
CHAIN = "talks_redirect.slug: an old address leads to the present one at once, by no other old address"
NO_REASON = "No reason was recorded."

# The conditions under which an UPDATE of a noun is looked at, in the SQL of both.
OTHER_ADDRESS = "NEW.slug <> OLD.slug OR (OLD.status = 'withdrawn' AND NEW.status <> 'withdrawn')"
COMES_BACK = (
    "OLD.status = 'withdrawn' AND (NEW.slug <> OLD.slug OR (NEW.status <> 'withdrawn' "
    "AND NOT (OLD.imported_sha256 = '' AND NEW.imported_sha256 <> '')))"
)
WAS_PUBLIC = "OLD.first_published_at IS NOT NULL"


def remembered(record: str) -> str:
    """An SQL condition: the slug of the row written stands in the memory of this record, a text in SQL."""
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} t WHERE t.record = {record} AND t.{column} = NEW.slug)"
        for table, column in MEMORY.items()
    )


def stands(column: str) -> str:
    """An SQL condition: a noun that is not withdrawn has the address of the row written to the memory."""
    return " OR ".join(
        f"(NEW.record = '{record}' AND EXISTS "
        f"(SELECT 1 FROM {table} n WHERE n.slug = NEW.{column} AND n.status <> 'withdrawn'))"
        for record, table in NOUNS.items()
    )


# An SQL condition on a redirect written: it makes a chain with another one.
MAKES_CHAIN = (
    "EXISTS (SELECT 1 FROM talks_redirect r WHERE r.record = NEW.record "
    "AND (r.old_slug = NEW.slug OR r.slug = NEW.old_slug))"
)
