"""The index of the search has what a statement is counted by as one text, too. It is made anew after every migration if
this build makes it in another way; this one is here so that a database of the build before is known to need that.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('talks', '0008_patterns_end_at_the_end'),
    ]

    operations: list[object] = []
