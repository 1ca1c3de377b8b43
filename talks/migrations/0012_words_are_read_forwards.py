"""On SQLite the words of the search stand in the order of a list, newest first, since FTS5 reads forwards sooner than backwards.
`migrate` makes an index anew that another build has made; this one tells that a database is of such a build.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('talks', '0011_the_index_has_a_sample'),
    ]

    operations: list[object] = []
