"""Makes the PostgreSQL role of the public process: it can read what is public, and nothing else."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from psycopg import sql

from talks import guards


class Command(BaseCommand):
    help = (
        "Make or mend the PostgreSQL role of the public process, with SELECT on the public tables only. "
        "Its password is taken from READER_PASSWORD."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="talks_reader", help="The role's name.")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles; on SQLite the public process opens the file read-only.")
        password = os.environ.get("READER_PASSWORD", "")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            role = sql.Identifier(name)
            cursor.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE {}").format(
                    sql.SQL(verb), role, sql.SQL("PASSWORD {}").format(password) if password else sql.SQL("")
                )
            )
            self._grant(cursor, name)
        self.stdout.write(f"The role {name} can read the public tables, and nothing else.")

    def _grant(self, cursor: Any, name: str) -> None:
        role = sql.Identifier(name)
        tables = sql.SQL(", ").join(
            sql.Identifier(table)
            for table in [*guards.public_tables(), "talks_edition", "talks_search", "talks_search_made", "talks_tally"]
        )
        cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role))
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
        cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(tables, role))
        cursor.execute(sql.SQL("GRANT SELECT ON django_migrations TO {}").format(role))
        # A text that is not ours to show is not even readable; the owner of the table still sees all.
        cursor.execute("ALTER TABLE talks_sourcetext ENABLE ROW LEVEL SECURITY")
        policy = sql.Identifier(f"talks_public_texts_{name}"[:63])
        cursor.execute(sql.SQL("DROP POLICY IF EXISTS {} ON talks_sourcetext").format(policy))
        cursor.execute(
            sql.SQL("CREATE POLICY {} ON talks_sourcetext FOR SELECT TO {} USING (is_public)").format(policy, role)
        )
        database = sql.Identifier(connection.settings_dict["NAME"])
        cursor.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))
        cursor.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(role))
