"""Source: a publication, never a person; and the text of it, where we hold it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from talks import dates, evidence
from talks.models.base import Noun, Rules, refuse_cycle
from talks.models.fields import DIGEST, LANGUAGE, WEB_ADDRESS, DerivedDayField, EdtfField, SortField
from talks.querysets import SourceQuerySet, SourceTextQuerySet


class Source(Noun):
    """A publication that says what somebody said, or that something happened."""

    class Kind(models.TextChoices):
        NEWS_REPORT = "news_report", "news report"
        AGENCY_COPY = "agency_copy", "agency copy"
        OFFICIAL_READOUT = "official_readout", "official readout"
        SOCIAL_MEDIA_POST = "social_media_post", "social-media post"
        REFERENCE_WORK = "reference_work", "reference work or data set"
        BARE_REFERENCE = "bare_reference", "bare reference, the page not known"

    publisher = SortField(max_length=200, help_text="Who published it, as the publisher names itself.")
    publisher_note = models.CharField(
        max_length=200,
        blank=True,
        help_text="What a reader should know about the publisher, such as: Russian state news agency.",
    )
    kind = models.CharField(max_length=20, choices=Kind.choices, help_text="What kind of publication it is.")
    title = models.CharField(max_length=300, blank=True, help_text="Its title as printed; empty if not known.")
    described_as = models.CharField(
        max_length=300, blank=True, help_text="What it is in our own words, where no title is known."
    )
    url = models.CharField(
        max_length=1000,
        blank=True,
        validators=[WEB_ADDRESS],
        help_text="Its web address; empty if no address of its own is known.",
    )
    published_on = EdtfField(
        blank=True, help_text="When it was published, as precisely as is known (EDTF); empty if not known."
    )
    published_from = DerivedDayField(
        of="published_on", null=True, help_text="The first day that published_on can mean; derived."
    )
    published_to = DerivedDayField(
        of="published_on", side="last", null=True, help_text="The last day that published_on can mean; derived."
    )
    accessed_on = models.DateField(null=True, blank=True, help_text="The day on which we read it.")
    language = models.CharField(
        max_length=35, blank=True, validators=[LANGUAGE], help_text="The language of its text (BCP 47 tag)."
    )
    derived_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="derivatives",
        help_text="The source that this one names as its own reference.",
    )
    archive_url = models.CharField(
        max_length=1000, blank=True, validators=[WEB_ADDRESS], help_text="The address of an archived copy."
    )
    archived_on = models.DateField(null=True, blank=True, help_text="The day of the archived copy.")
    rights = models.CharField(max_length=300, blank=True, help_text="Whose text it is, and what may be done with it.")
    document_sha256 = models.CharField(
        max_length=64,
        blank=True,
        validators=[DIGEST],
        help_text="SHA-256 of the bytes of the document that quotations were checked against (64 hexadecimal signs).",
    )
    document_length = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(evidence.LARGEST)],
        help_text="Length of that document's text in Unicode code points.",
    )

    document_on = models.DateField(
        null=True, blank=True, help_text="The day on which that document was taken from the source."
    )

    objects = SourceQuerySet.as_manager()

    class Meta(Noun.Meta):
        constraints = [
            *Noun.Meta.constraints,
            models.CheckConstraint(
                name="source_has_title_or_description",
                condition=~Q(title="") | ~Q(described_as=""),
                violation_error_message="title: a source has a title, or our description where none is known.",
            ),
            models.CheckConstraint(
                name="source_archive_has_day",
                condition=Q(archive_url="", archived_on=None) | (~Q(archive_url="") & Q(archived_on__isnull=False)),
                violation_error_message="archived_on: an archived copy has a day, and only then.",
            ),
            models.CheckConstraint(
                name="source_digest_has_length",
                condition=Q(document_sha256="", document_length=None, document_on=None)
                | Q(
                    document_sha256__length=64,
                    document_length__isnull=False,
                    document_length__gt=0,
                    document_on__isnull=False,
                ),
                violation_error_message="document_length: a document has digest, length and day, or none of them.",
            ),
            models.CheckConstraint(
                name="source_not_derived_from_itself",
                condition=Q(derived_from=None) | ~Q(derived_from=F("id")),
                violation_error_message="derived_from: a source does not derive from itself.",
            ),
        ]
        indexes = [models.Index(fields=["publisher", "slug"], name="source_in_order")]

    def __str__(self) -> str:
        return f"{self.publisher}, {dates.words(self.published_on)}" if self.published_on else self.publisher

    @property
    def caption(self) -> str:
        """Its title, or our description of it in square brackets."""
        return self.title or f"[{self.described_as}]"

    @property
    def chain(self) -> list[Source]:
        """The public sources that it rests on, from its own reference to the last that is known."""
        links: list[Source] = []
        step: Any = self.derived_from
        while step is not None and step.is_public:
            links.append(step)
            step = step.derived_from
        return links

    def check_rules(self, rules: Rules) -> None:
        rules.must(self.title or self.described_as, "title", "Give the title, or describe the page in our own words.")
        rules.must(
            bool(self.archive_url) == bool(self.archived_on),
            "archived_on",
            "An archived copy has a day, and only then.",
        )
        rules.must(
            bool(self.document_sha256) == bool(self.document_length) == bool(self.document_on),
            "document_sha256",
            "A document has digest, length and day, or none of them.",
        )
        refuse_cycle(self, "derived_from", rules)


class SourceText(models.Model):
    """The words of a source, where we hold them. Private unless marked public.

    The text is that of the document's bytes, decoded as UTF-8 and otherwise untouched, so that encoding it gives
    the same bytes, and the digest of those, again.
    """

    source = models.OneToOneField(
        Source, on_delete=models.CASCADE, related_name="held", help_text="The source whose text this is."
    )
    text = models.TextField(help_text="The text itself, not a code point changed.")
    is_public = models.BooleanField(
        default=False, help_text="Whether we may show the text; if not, it is never in a page or file."
    )

    objects = SourceTextQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Text of {self.source_id}"

    def natural_key(self) -> tuple[str, ...]:
        return self.source.natural_key()

    def hold(self, text: str, on: date) -> None:
        """Keep this text, and its digest, length and day on its source. Nothing is saved."""
        self.text = text
        self.source.document_sha256 = evidence.digest(text.encode())
        self.source.document_length, self.source.document_on = len(text), on
