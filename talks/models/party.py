"""Party: a state or group that talks."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from talks.models.base import Noun
from talks.models.fields import SortField
from talks.querysets import PartyQuerySet

COUNTRY = RegexValidator(r"^[A-Z]{2}\Z", "“%(value)s” is no country code: two capital letters (ISO 3166-1 alpha-2).")


class Party(Noun):
    """A state or group that talks."""

    name = SortField(max_length=200, help_text="The party's name in English, as we write it.")
    code = models.CharField(
        max_length=2,
        blank=True,
        validators=[COUNTRY],
        help_text="Its country code (ISO 3166-1 alpha-2, two capital letters); empty if it is not a country.",
    )

    objects = PartyQuerySet.as_manager()

    class Meta(Noun.Meta):
        verbose_name_plural = "parties"
        constraints = [
            *Noun.Meta.constraints,
            models.CheckConstraint(
                name="party_code_is_two_letters_or_none",
                condition=Q(code="") | Q(code__length=2),
                violation_error_message="code: two capital letters or nothing.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
