"""No value may end in a line break, and no web address have one in it. Of validators only: no SQL."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('editing', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='historicalmeeting',
            name='country',
            field=models.CharField(blank=True, help_text='The country (ISO 3166-1 alpha-2).', max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}\\Z', '“%(value)s” is no country code: two capital letters (ISO 3166-1 alpha-2).')]),
        ),
        migrations.AlterField(
            model_name='historicalparty',
            name='code',
            field=models.CharField(blank=True, help_text='Its country code (ISO 3166-1 alpha-2, two capital letters); empty if it is not a country.', max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}\\Z', '“%(value)s” is no country code: two capital letters (ISO 3166-1 alpha-2).')]),
        ),
        migrations.AlterField(
            model_name='historicalperson',
            name='native_language',
            field=models.CharField(blank=True, help_text='The language of native_name (BCP 47 tag, such as uk).', max_length=35, validators=[django.core.validators.RegexValidator('^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', '“%(value)s” is no language tag (BCP 47), such as en or uk.')]),
        ),
        migrations.AlterField(
            model_name='historicalperson',
            name='wikidata_id',
            field=models.CharField(blank=True, help_text="The person's Wikidata item (Q and a number) where a source shows it; empty if none was found.", max_length=20, validators=[django.core.validators.RegexValidator('^Q[1-9][0-9]*\\Z', '“%(value)s” is no Wikidata id: Q and a number.')]),
        ),
        migrations.AlterField(
            model_name='historicalsource',
            name='archive_url',
            field=models.CharField(blank=True, help_text='The address of an archived copy.', max_length=1000, validators=[django.core.validators.RegexValidator('^https?://[^\\s/?#]+[^\\s\\x00-\\x1f\\x7f]*\\Z', '“%(value)s” is no web address: it begins with http:// or https://.')]),
        ),
        migrations.AlterField(
            model_name='historicalsource',
            name='document_sha256',
            field=models.CharField(blank=True, help_text='SHA-256 of the bytes of the document that quotations were checked against (64 hexadecimal signs).', max_length=64, validators=[django.core.validators.RegexValidator('^[0-9a-f]{64}\\Z', '“%(value)s” is no SHA-256: it has 64 signs, the figures 0–9 and the letters a–f.')]),
        ),
        migrations.AlterField(
            model_name='historicalsource',
            name='language',
            field=models.CharField(blank=True, help_text='The language of its text (BCP 47 tag).', max_length=35, validators=[django.core.validators.RegexValidator('^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', '“%(value)s” is no language tag (BCP 47), such as en or uk.')]),
        ),
        migrations.AlterField(
            model_name='historicalsource',
            name='url',
            field=models.CharField(blank=True, help_text='Its web address; empty if no address of its own is known.', max_length=1000, validators=[django.core.validators.RegexValidator('^https?://[^\\s/?#]+[^\\s\\x00-\\x1f\\x7f]*\\Z', '“%(value)s” is no web address: it begins with http:// or https://.')]),
        ),
        migrations.AlterField(
            model_name='historicalstatement',
            name='language',
            field=models.CharField(default='en', help_text='The language of the text (BCP 47 tag).', max_length=35, validators=[django.core.validators.RegexValidator('^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', '“%(value)s” is no language tag (BCP 47), such as en or uk.')]),
        ),
        migrations.AlterField(
            model_name='historicalstatement',
            name='original_language',
            field=models.CharField(blank=True, help_text='The language it was said in, where known.', max_length=35, validators=[django.core.validators.RegexValidator('^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', '“%(value)s” is no language tag (BCP 47), such as en or uk.')]),
        ),
        migrations.AlterField(
            model_name='historicalstatement',
            name='verified_sha256',
            field=models.CharField(blank=True, help_text='SHA-256 of the document in which they were found.', max_length=64, validators=[django.core.validators.RegexValidator('^[0-9a-f]{64}\\Z', '“%(value)s” is no SHA-256: it has 64 signs, the figures 0–9 and the letters a–f.')]),
        ),
    ]
