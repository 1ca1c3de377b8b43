"""The index of the search has more columns: what a statement is counted by, as one text, and whether it was reported before
it was said. `migrate` makes an index anew that another build has made; this one tells that a database is of such a build.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('talks', '0008_patterns_end_at_the_end'),
    ]

    operations: list[object] = []
