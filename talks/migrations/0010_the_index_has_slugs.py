"""The index of the search has one more column, the slug by which a day is sorted, and on SQLite a list of its words beside it.
`migrate` makes an index anew that another build has made; this one tells that a database is of such a build.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('talks', '0009_what_is_counted_stands_in_one_text'),
    ]

    operations: list[object] = []
