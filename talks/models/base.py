"""What every noun has: a slug, a status, and the instants at which the public first and last saw it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.base import ModelState
from django.urls import reverse
from django.utils import timezone

from talks import witness
from talks.models.fields import SlugField


class Status(models.TextChoices):
    DRAFT = "draft", "draft"
    REVIEW = "review", "in review"
    PUBLISHED = "published", "published"
    WITHDRAWN = "withdrawn", "withdrawn"


class Written(models.Model):
    """A row whose writes have a witness, each in one transaction with what is noted of it."""

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        with witness.writing() as watch:
            watch.before(type(self), [self.pk])
            watch.joining([self])
            super().save(**kwargs)
            watch.made(type(self), [self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        with witness.writing():  # signals tell of this row, and of those that go with it
            return super().delete(*args, **kwargs)

    # The types are those of a later Django, which gives one value more.
    @classmethod
    def from_db(cls, db: str | None, field_names: Iterable[str], values: Iterable[Any]) -> Self:  # type: ignore[override]
        """As Django's, but all values at once and not one by one: a page of statements has thousands of them. What was
        not asked for is not there, which is what makes Django fetch it when it is read.
        """
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        row.__dict__.update(zip(field_names, values, strict=True))
        return row


@cache
def _address(name: str, urlconf: str) -> tuple[str, str]:
    """What stands before and after the slug in the addresses of this name; pages have hundreds of them."""
    before, _, after = reverse(name, urlconf, args=["a-slug"]).partition("a-slug")
    return before, after


class Noun(Written):
    """A thing we keep. Public only while its status is `published`."""

    # Names of the foreign keys and lists that must be public before this noun can be.
    needs: ClassVar[tuple[str, ...]] = ()

    slug = SlugField(
        max_length=100,
        unique=True,
        help_text="The name of this record in addresses, data and files. Unique and never used again.",
    )
    status = models.CharField(
        max_length=10,
        choices=Status.choices,
        default=Status.DRAFT,
        help_text="How far the record is: draft, in review, published or withdrawn. Only published ones are public.",
    )
    withdrawn_on = models.DateField(
        null=True, blank=True, help_text="The day on which a published record was withdrawn."
    )
    withdrawn_because = models.TextField(
        blank=True, help_text="Why the record was withdrawn, in a sentence for the public."
    )
    first_published_at = models.DateTimeField(
        null=True, blank=True, help_text="The instant (UTC) at which the record was first published."
    )
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text="The instant (UTC) at which the published record was last changed."
    )
    # Not auto_now: loaddata would keep the stamp in the file. These two appear in no output.
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When the row was made; internal."
    )
    updated_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When the row was last saved; internal."
    )
    # A record that still has this digest was not edited here since it was imported, by any path.
    imported_sha256 = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of the record as a release last brought it; internal.",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_status_is_one_of_four",
                condition=Q(status__in=Status.values),
                violation_error_message="status: not one of draft, review, published, withdrawn.",
            ),
            models.CheckConstraint(
                name="%(class)s_slug_is_a_slug",
                condition=~Q(slug=""),
                violation_error_message="slug: must not be empty.",
            ),
            models.CheckConstraint(
                name="%(class)s_withdrawn_has_day_and_reason",
                condition=(Q(status="withdrawn", withdrawn_on__isnull=False) & ~Q(withdrawn_because=""))
                | (~Q(status="withdrawn") & Q(withdrawn_on=None, withdrawn_because="")),
                violation_error_message="withdrawn_on: a withdrawn record has a day and a reason, others neither.",
            ),
            models.CheckConstraint(
                name="%(class)s_published_has_instants",
                condition=Q(status__in=["draft", "review"])
                | Q(
                    first_published_at__isnull=False,
                    changed_at__isnull=False,
                    changed_at__gte=models.F("first_published_at"),
                ),
                violation_error_message="first_published_at: a published record has both instants, in order.",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def save(self, **kwargs: Any) -> None:
        """Stamp the row; publishing sets the instants that are data."""
        self.updated_at = timezone.now()
        if self.status == Status.PUBLISHED:
            # To the second: the instant stands in files and feeds, and must come back from them as it was.
            self.first_published_at = self.first_published_at or self.updated_at.replace(microsecond=0)
            self.changed_at = self.changed_at or self.first_published_at
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        before, after = _address(f"{self._meta.model_name}-detail", settings.ROOT_URLCONF)
        return before + self.slug + after

    def natural_key(self) -> tuple[str, ...]:
        return (self.slug,)

    @property
    def is_public(self) -> bool:
        return self.status == Status.PUBLISHED

    def clean(self) -> None:
        """Rules over several fields; each error names its field."""
        rules = Rules()
        withdrawn = self.status == Status.WITHDRAWN
        rules.must(
            withdrawn == bool(self.withdrawn_on) == bool(self.withdrawn_because),
            "withdrawn_on",
            "A withdrawn record has a day and a reason, others have neither.",
        )
        if withdrawn or self.status == Status.PUBLISHED:
            instants = (self.first_published_at, self.changed_at)
            in_order = all(instants) and instants[0] <= instants[1]  # type: ignore[operator]
            # On saving, publishing sets missing instants; a file of data must bring them in order.
            rules.must(in_order or not any(instants), "changed_at", "Must not lie before first_published_at.")
        if self.status == Status.PUBLISHED:
            for name in self.needs:
                other = getattr(self, name, None)
                rules.must(
                    other is None or other.is_public,
                    name,
                    f"“{other}” is not published, so this cannot be published either.",
                )
        elif self.pk:
            needing = self.published_dependants()
            names = ", ".join(f"“{other}”" for other in needing)
            rules.must(not needing, "status", f"Published records need this one: {names}.")
        self.check_rules(rules)
        rules.close()

    def validate_unique(self, exclude: Any = None) -> None:
        """Beside what is unique here: no other record had its slug before. Asks the database, which `clean` must not:
        files of a million rows are checked without it.
        """
        super().validate_unique(exclude=exclude)
        if "slug" in (exclude or ()) or self.status == Status.WITHDRAWN:
            return  # a withdrawn one may have a tombstone of its own besides
        from talks.models.address import used_before

        rules, whose = Rules(), used_before(self)
        rules.must(not whose, "slug", f"“{self.slug}” was used before by {whose} and is never used again.")
        rules.close()

    def published_dependants(self) -> list[Noun]:
        """Some of the published nouns that cannot be public without this one: five of each kind at most."""
        found: list[Noun] = []
        for relation in self._meta.related_objects:
            model = relation.related_model
            if issubclass(model, Noun) and relation.field.name in model.needs:
                found += getattr(self, str(relation.get_accessor_name())).published()[:5]
        return found

    def check_rules(self, rules: Rules) -> None:
        """Rules of one kind of noun; a subclass adds its own."""


class Rules:
    """Collects broken rules by field, to be raised together."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def must(self, holds: object, field: str, sentence: str) -> None:
        if not holds:
            self.errors.setdefault(field, []).append(sentence)

    def close(self) -> None:
        """Raise ValidationError if a rule was broken."""
        if self.errors:
            raise ValidationError(self.errors)


def refuse_cycle(noun: models.Model, field: str, rules: Rules) -> None:
    """A chain such as `follows` never comes back to where it began."""
    # Rows of a file have no number yet; there each noun is one object.
    seen, step = {noun.pk or id(noun)}, getattr(noun, field)
    while step is not None:
        if (step.pk or id(step)) in seen:
            rules.must(False, field, f"“{step}” leads back to “{noun}”: a chain has no cycles.")
            return
        seen.add(step.pk or id(step))
        step = getattr(step, field)
