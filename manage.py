#!/usr/bin/env python3
"""Commands of the editor's process."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_editor")
    from django.core.management import execute_from_command_line
    from django.db import connections

    from config.databases import keep_companions
    from config.environment import environment
    from talks.management.refusals import in_one_line

    with in_one_line():
        try:
            execute_from_command_line(sys.argv)
        finally:
            # A command may be the last to close a SQLite database, which then deletes what other users need to read it.
            connections.close_all()
            keep_companions(environment.database)
