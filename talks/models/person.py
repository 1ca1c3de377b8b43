"""Person: somebody who speaks, is named, or sits on a delegation."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from talks.models.base import Noun, Rules
from talks.models.fields import LANGUAGE, PlainEncoder, SortField
from talks.models.party import Party
from talks.models.source import Source
from talks.querysets import PersonQuerySet

WIKIDATA = RegexValidator(r"^Q[1-9][0-9]*\Z", "“%(value)s” is no Wikidata id: Q and a number.")


def validate_spellings(value: object) -> None:
    """Raise ValidationError unless the value is a list of texts, none empty and none twice."""
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise ValidationError("Must be a list of spellings, none of them empty.")
    if any("\0" in text for text in value):
        raise ValidationError("A spelling has a NUL in it.")
    if any("|" in text for text in value):
        raise ValidationError("A spelling cannot contain “|”, which separates spellings in CSV files.")
    if len(set(value)) < len(value):
        raise ValidationError("A spelling stands here twice.")


class Person(Noun):
    """Somebody who speaks, is named, or sits on a delegation."""

    needs = ("party",)

    name = models.CharField(max_length=200, help_text="The name in English, in the spelling that we use.")
    sort_name = SortField(max_length=200, help_text="The name as lists sort it, family name first: Umerov, Rustem.")
    native_name = models.CharField(
        max_length=200, blank=True, help_text="The name in the person's own language and script."
    )
    native_language = models.CharField(
        max_length=35,
        blank=True,
        validators=[LANGUAGE],
        help_text="The language of native_name (BCP 47 tag, such as uk).",
    )
    also_written = models.JSONField(
        default=list,
        blank=True,
        encoder=PlainEncoder,
        validators=[validate_spellings],
        help_text="Other spellings of the name that sources use; a search for one of them finds the person.",
    )
    party = models.ForeignKey(
        Party,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
        help_text="The party that the person belongs to; empty if none or not known.",
    )
    description = models.TextField(blank=True, help_text="Who the person is, in one or two sentences of our own words.")
    wikidata_id = models.CharField(
        max_length=20,
        blank=True,
        validators=[WIKIDATA],
        help_text="The person's Wikidata item (Q and a number) where a source shows it; empty if none was found.",
    )
    rests_on = models.ManyToManyField(
        Source,
        blank=True,
        related_name="people",
        help_text="Sources of the name forms, the description and the Wikidata id.",
    )

    objects = PersonQuerySet.as_manager()

    class Meta(Noun.Meta):
        verbose_name_plural = "people"
        constraints = [
            *Noun.Meta.constraints,
            models.CheckConstraint(
                name="person_native_name_has_language",
                condition=Q(native_name="", native_language="") | (~Q(native_name="") & ~Q(native_language="")),
                violation_error_message="native_language: a native name has a language, and only then.",
            ),
        ]
        indexes = [models.Index(fields=["sort_name", "slug"], name="person_in_order")]

    def __str__(self) -> str:
        return self.name

    def check_rules(self, rules: Rules) -> None:
        rules.must(
            bool(self.native_name) == bool(self.native_language),
            "native_language",
            "A native name has a language, and only then.",
        )
