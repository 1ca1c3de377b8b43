"""Statement: what a source says that somebody said, or says itself."""

from __future__ import annotations

from typing import NamedTuple

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from talks.fragments import text_fragment
from talks.models.base import Noun, Rules, refuse_cycle
from talks.models.fields import DIGEST, LANGUAGE, DerivedDayField, EdtfField
from talks.models.linkcheck import works
from talks.models.meeting import Meeting
from talks.models.party import Party
from talks.models.person import Person
from talks.models.source import Source
from talks.querysets import StatementQuerySet

QUOTED = ("direct", "mixed")


def evidence_state(quotation_type: str, verified_sha256: str, document_sha256: str) -> str:
    """`verified`, `lost` (no longer found), `unchecked`, or `anchored` for words that are ours."""
    if quotation_type not in QUOTED:
        return "anchored"
    if not verified_sha256:
        return "unchecked"
    return "verified" if verified_sha256 == document_sha256 else "lost"


class Piece(NamedTuple):
    """A stretch of a statement's text, and whether it is the source's."""

    text: str
    quoted: bool


class Statement(Noun):
    """What a source says that somebody said, or says itself."""

    class QuotationType(models.TextChoices):
        DIRECT = "direct", "direct: a whole quotation"
        MIXED = "mixed", "mixed: our sentence around quoted words"
        INDIRECT = "indirect", "indirect: reported speech, in our words"
        NARRATION = "narration", "narration: the source's own account, in our words"

    class Translation(models.TextChoices):
        YES = "yes", "yes"
        NO = "no", "no"
        UNKNOWN = "unknown", "not known"

    needs = ("meeting", "source", "speaker", "party")

    quotation_type = models.CharField(
        max_length=10,
        choices=QuotationType.choices,
        help_text="How near the words are: direct, mixed, indirect or narration.",
    )
    text = models.TextField(
        help_text="The words: for a direct quotation exactly the source's, else our sentence with the quoted words in it."
    )
    language = models.CharField(
        max_length=35, default="en", validators=[LANGUAGE], help_text="The language of the text (BCP 47 tag)."
    )
    is_translation = models.CharField(
        max_length=10,
        choices=Translation.choices,
        default=Translation.UNKNOWN,
        help_text="Whether the source's words are a translation of what was said: yes, no or not known.",
    )
    original_language = models.CharField(
        max_length=35, blank=True, validators=[LANGUAGE], help_text="The language it was said in, where known."
    )
    speaker = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="statements",
        help_text="Who said it; empty for the source's own account.",
    )
    speaker_as_printed = models.CharField(
        max_length=200, blank=True, help_text="The speaker's name in the source's own spelling."
    )
    role_as_printed = models.CharField(
        max_length=200, blank=True, help_text="The speaker's office of that day, in the source's own words."
    )
    party = models.ForeignKey(
        Party,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="statements",
        help_text="The party on whose side the speaker speaks.",
    )
    cue = models.CharField(max_length=50, blank=True, help_text="The source's reporting verb, such as: said.")
    channel = models.CharField(max_length=100, blank=True, help_text="Where it was said, such as: Facebook.")
    said_on = EdtfField(help_text="When it was said, as precisely as is known (EDTF).")
    said_from = DerivedDayField(of="said_on", help_text="The first day that said_on can mean; derived.")
    said_to = DerivedDayField(of="said_on", side="last", help_text="The last day that said_on can mean; derived.")
    dated_by = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="dates_given",
        help_text="The source that gives the day, where the statement's own source gives none.",
    )
    meeting = models.ForeignKey(
        Meeting,
        on_delete=models.PROTECT,
        related_name="statements",
        help_text="The meeting that it is about, which is not where it was said.",
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="statements", help_text="The source that has it."
    )
    mentions = models.ManyToManyField(Person, blank=True, related_name="mentioned_in", help_text="Persons named in it.")
    variant_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,  # see the indexes
        related_name="variants",
        help_text="The statement of which this is the same utterance, as another source words it.",
    )
    verified_on = models.DateField(
        null=True, blank=True, help_text="The day on which the quoted words were found in the source's text."
    )
    verified_sha256 = models.CharField(
        max_length=64,
        blank=True,
        validators=[DIGEST],
        help_text="SHA-256 of the document in which they were found.",
    )
    lead_order = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(1000)],
        help_text="Its place on the front page among the statements of the leading meeting.",
    )

    objects = StatementQuerySet.as_manager()

    class Meta(Noun.Meta):
        constraints = [
            *Noun.Meta.constraints,
            models.CheckConstraint(
                name="statement_type_is_known",
                condition=Q(quotation_type__in=["direct", "mixed", "indirect", "narration"]),
                violation_error_message="quotation_type: not one of the four.",
            ),
            models.CheckConstraint(
                name="statement_quoted_has_speaker",
                condition=~Q(quotation_type__in=QUOTED) | Q(speaker__isnull=False),
                violation_error_message="speaker: a direct or mixed quotation has a speaker.",
            ),
            models.CheckConstraint(
                name="statement_narration_has_no_speaker",
                condition=~Q(quotation_type="narration") | Q(speaker=None, speaker_as_printed=""),
                violation_error_message="speaker: the source's own account has no speaker.",
            ),
            models.CheckConstraint(
                name="statement_indirect_has_somebody",
                condition=~Q(quotation_type="indirect") | Q(speaker__isnull=False) | ~Q(speaker_as_printed=""),
                violation_error_message="speaker: reported speech has a speaker, at least as printed.",
            ),
            models.CheckConstraint(
                name="statement_verified_has_digest",
                condition=Q(verified_on=None, verified_sha256="")
                | Q(verified_on__isnull=False, verified_sha256__length=64, quotation_type__in=QUOTED),
                violation_error_message="verified_on: day and digest belong together, and to quoted words.",
            ),
            models.CheckConstraint(
                name="statement_text_is_not_empty",
                condition=~Q(text=""),
                violation_error_message="text: must not be empty.",
            ),
            models.CheckConstraint(
                name="statement_not_variant_of_itself",
                condition=Q(variant_of=None) | ~Q(variant_of=F("id")),
                violation_error_message="variant_of: a statement is no variant of itself.",
            ),
        ]
        indexes = [
            models.Index(fields=["-said_from", "-slug"], name="statement_newest_first"),
            models.Index(fields=["-changed_at", "-slug"], name="statement_latest_changed"),
            # Parties are few, so that each has too many statements to be sorted for a feed.
            models.Index(fields=["party", "-changed_at", "-slug"], name="statement_latest_of_party"),
            models.Index(fields=["meeting", "-said_from", "-slug"], name="statement_about_meeting"),
            # Of wordings only: SQLite takes “variant_of is none” for as rare as any other value of an index, and would
            # read nine of ten statements to find the newest four.
            models.Index(fields=["variant_of"], name="statement_wordings", condition=Q(variant_of__isnull=False)),
            # The cells of a meeting's page, read off the index alone.
            models.Index(
                fields=["meeting", "said_from", "slug", "said_to", "party", "quotation_type"],
                name="statement_in_cell",
                condition=Q(status="published", variant_of=None),
            ),
            models.Index(fields=["speaker", "-said_from", "-slug"], name="statement_by_speaker"),
            models.Index(fields=["party", "-said_from", "-slug"], name="statement_by_party"),
            models.Index(fields=["source", "-said_from", "-slug"], name="statement_in_source"),
            models.Index(fields=["meeting", "source"], name="statement_of_source_on_meeting"),
            # The desk's lists of what is not public, in their order. Of those that are, an index would be no help. SQLite
            # sees that a question fits if both say “not published” in the same way, and not if both name three others.
            models.Index(
                fields=["status", "-said_from", "-slug"],
                name="statement_not_public",
                condition=~Q(status="published"),
            ),
            # The desk's queues, among very many that wait for nobody.
            models.Index(fields=["status", "updated_at"], name="statement_waiting", condition=~Q(status="published")),
            models.Index(
                fields=["meeting", "lead_order", "slug"],
                name="statement_leading",
                condition=Q(lead_order__isnull=False),
            ),
            models.Index(
                fields=["source", "verified_sha256"],
                name="statement_quoted_public",
                condition=Q(status="published", quotation_type__in=["direct", "mixed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.speaker or self.speaker_as_printed or self.source.publisher}: {self.opening}"

    @property
    def opening(self) -> str:
        """Its first words, at most sixty code points, whole words."""
        if len(self.text) <= 60:
            return self.text
        return self.text[:60].rsplit(" ", 1)[0] + " …"

    @property
    def is_long(self) -> bool:
        """Whether it is set one step smaller: above 240 code points."""
        return len(self.text) > 240

    @property
    def pieces(self) -> list[Piece]:
        """The text cut into our words and the source's; joined they are the text. Passages must be fetched."""
        pieces, rest = [], self.text
        for passage in self.passages.all():
            if passage.exact and passage.exact in rest:
                ours, rest = rest.split(passage.exact, 1)
                pieces += [Piece(ours, False)] if ours else []
                pieces.append(Piece(passage.exact, True))
        return [*pieces, Piece(rest, False)] if rest or not pieces else pieces

    @property
    def is_quoted(self) -> bool:
        """Whether it carries the source's own words."""
        return self.quotation_type in QUOTED

    @property
    def passage_url(self) -> str:
        """The source's address at the very words of the first passage; empty if either is not known."""
        first = next((passage for passage in self.passages.all() if passage.exact), None)
        if first is None or not self.source.url:
            return ""
        address = self.source.url.partition("#")[0]
        return address + text_fragment(first.exact, first.prefix, first.suffix)

    @property
    def link_is_dead(self) -> bool:
        """Whether the source's address led to no page when it was last asked for; False if nobody knows."""
        status = getattr(self, "link_status", None)
        return status is not None and not works(status)

    @property
    def evidence_state(self) -> str:
        """`verified`, `lost` (no longer found), `unchecked`, or `anchored` for words that are ours."""
        return evidence_state(self.quotation_type, self.verified_sha256, self.source.document_sha256)

    def check_rules(self, rules: Rules) -> None:
        quoted, speaker = self.is_quoted, self.speaker
        printed = speaker is not None or bool(self.speaker_as_printed)
        narration = self.quotation_type == "narration"
        rules.must(not quoted or speaker, "speaker", "A direct or mixed quotation has a speaker.")
        rules.must(not (narration and printed), "speaker", "The source's own account has no speaker.")
        rules.must(
            self.quotation_type != "indirect" or printed,
            "speaker",
            "Reported speech has a speaker, at least as printed.",
        )
        paired = bool(self.verified_on) == bool(self.verified_sha256)
        rules.must(paired, "verified_on", "The day of the check and the digest belong together.")
        rules.must(
            quoted or not self.verified_sha256, "verified_sha256", "Only quoted words are looked for in the source."
        )
        refuse_cycle(self, "variant_of", rules)
