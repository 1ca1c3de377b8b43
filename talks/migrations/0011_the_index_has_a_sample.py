"""The index of the search has a sample, by which is told what far more statements fit than are counted: on SQLite a table
of words, on PostgreSQL three indexes of some rows. `migrate` makes an index anew that another build has made; this one
tells that a database is of such a build.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('talks', '0010_the_index_has_slugs'),
    ]

    operations: list[object] = []
