"""Who reads the site's tables in PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db import connection

_READERS = """
SELECT DISTINCT grantee FROM information_schema.role_table_grants WHERE table_schema = current_schema()
AND table_name = 'talks_statement' AND privilege_type = 'SELECT' AND grantee NOT IN ('PUBLIC', current_user)"""


def grant(cursor: Any, *tables: str) -> None:
    """Whoever may read statements may read what is made of them, also after it was made anew."""
    cursor.execute(_READERS)
    for (name,) in cursor.fetchall():
        cursor.execute(f"GRANT SELECT ON {', '.join(tables)} TO {connection.ops.quote_name(name)}")
