"""Passage: the stretch of a source's text that carries a statement, and how the two must fit."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from talks.models.base import Rules, Written
from talks.models.statement import Statement
from talks.querysets import PassageQuerySet

# No document has 20 million characters; every database can keep this number.
FARTHEST = 20 * 1024 * 1024


class Passage(Written):
    """One passage of the source that carries a statement (W3C Web Annotation selectors)."""

    statement = models.ForeignKey(
        Statement, on_delete=models.CASCADE, related_name="passages", help_text="The statement."
    )
    number = models.PositiveSmallIntegerField(
        default=1, validators=[MaxValueValidator(1000)], help_text="Its place among the statement's passages, from 1."
    )
    exact = models.TextField(
        blank=True, help_text="The quoted words exactly as in the source; empty where we report in our own words."
    )
    prefix = models.TextField(blank=True, help_text="Up to 32 code points of the source's text before them.")
    suffix = models.TextField(blank=True, help_text="Up to 32 code points of the source's text after them.")
    start = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(FARTHEST)],
        help_text="Where it begins in the source's text: code points, counted from 0.",
    )
    end = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(FARTHEST)],
        help_text="Where it ends: the first code point that no longer belongs to it.",
    )

    objects = PassageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "number"],
                name="passage_once",
                violation_error_message="number: this statement has a passage of that number.",
            ),
            models.CheckConstraint(
                name="passage_start_before_end",
                condition=Q(start=None, end=None) | Q(start__isnull=False, end__isnull=False, start__lt=F("end")),
                violation_error_message="start: must lie before end, and neither stands alone.",
            ),
            models.CheckConstraint(
                name="passage_has_words_or_place",
                condition=~Q(exact="") | Q(start__isnull=False),
                violation_error_message="exact: a passage has words or a place.",
            ),
            models.CheckConstraint(
                name="passage_length_fits",
                condition=Q(exact="") | Q(start=None) | Q(end=F("start") + Length("exact")),
                violation_error_message="end: the words are not as long as from start to end.",
            ),
        ]

    def __str__(self) -> str:
        return self.exact or f"{self.start}–{self.end}"

    def natural_key(self) -> tuple[object, ...]:
        return (*self.statement.natural_key(), self.number)

    natural_key.dependencies = ["talks.statement"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        rules = Rules()
        paired = (self.start is None) == (self.end is None)
        rules.must(paired, "start", "Start and end belong together.")
        if self.start is not None and self.end is not None:
            rules.must(self.start < self.end, "start", f"{self.start} does not lie before the end, {self.end}.")
            length = len(self.exact)
            fits = not length or self.end - self.start == length
            rules.must(fits, "end", f"From {self.start} to {self.end} is not the length of the words, {length}.")
        rules.must(self.exact or self.start is not None, "exact", "A passage has words or a place.")
        rules.close()


JOINT = " […] "


def check_evidence(statement: Statement, passages: list[Passage]) -> dict[str, str]:
    """What is wrong between a statement and its passages, by field; empty if nothing.

    direct: the text is the passages joined by ` […] `. mixed: the text contains each. Both need one at least;
    words of ours have none of the source's (`exact` empty).
    """
    words = [passage.exact for passage in sorted(passages, key=lambda passage: passage.number)]
    if not statement.is_quoted:
        return {"exact": "Words of ours carry none of the source's."} if any(words) else {}
    if not words or not all(words):
        return {"exact": f"A {statement.quotation_type} quotation has the source's words in every passage."}
    if statement.quotation_type == "direct" and statement.text != JOINT.join(words):
        return {"text": "The text of a direct quotation is its passages joined by […], and nothing else."}
    missing = next((word for word in words if word not in statement.text), None)
    return {"text": f"The text does not contain “{missing}”."} if missing else {}
