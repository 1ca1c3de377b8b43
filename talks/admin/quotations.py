"""Two views beside the forms: check words while they are typed, and draft statements from a held text."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from talks import evidence, quotations
from talks.admin import duplicates
from talks.admin.checking import held_text, look_up, told
from talks.admin.widgets import KnownAutocomplete
from talks.editing import ledger
from talks.models import Meeting, Passage, Person, Source, Statement
from talks.models.fields import SlugField, validate_edtf
from talks.models.passage import JOINT, check_evidence
from talks.naming import Known


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Look for words in a source's text without saving: what was found, and what to fill in."""
    if not request.user.has_perm("talks.change_statement"):
        raise PermissionDenied
    number = request.POST.get("source", "")
    source = Source.objects.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
    exact = request.POST.get("exact", "").replace("\r\n", "\n")
    text = held_text(source)
    if source is None or text is None or not exact:
        why = "Enter the words first." if not exact else "Choose a source first." if source is None else "not held"
        return JsonResponse({"found": False, "says": UNHELD if why == "not held" else why})
    passage = Passage(exact=exact)
    verdict = look_up(Statement(quotation_type="direct"), [passage], text)
    found = verdict.locations[0]
    if not found.exact:
        return JsonResponse({"found": False, "html": told(exact, found)})
    filled = {name: getattr(passage, name) for name in ("start", "end", "prefix", "suffix")}
    return JsonResponse({"found": True, "says": f"Found at {passage.start}–{passage.end}.", **filled})


UNHELD = "The text of this source is not held, so the words cannot be looked up. They will count as not checked."


class SpeakerField(forms.ModelChoiceField):
    """A person who may be in `known` already: a page of five hundred proposals does not ask five hundred times."""

    known: ClassVar[dict[str, Person]] = {}

    def __init__(self) -> None:
        widget = KnownAutocomplete(Statement._meta.get_field("speaker"), admin.site)
        super().__init__(Person.objects.in_order(), required=False, widget=widget)

    def to_python(self, value: Any) -> Any:
        return self.known.get(str(value)) or super().to_python(value)


class ProposalForm(forms.Form):
    """One quotation that was found, for an editor to tick and to mend. `people`: those who may speak, by number."""

    take = forms.BooleanField(required=False, label="Draft this")
    slug = forms.CharField(max_length=100, required=False)
    quotation_type = forms.ChoiceField(choices=[("direct", "direct"), ("mixed", "mixed")])
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), strip=False)
    speaker = SpeakerField()
    speaker_as_printed = forms.CharField(max_length=200, required=False)
    cue = forms.CharField(max_length=50, required=False)
    places = forms.RegexField(r"^[0-9]{1,8}-[0-9]{1,8}(,[0-9]{1,8}-[0-9]{1,8})*$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: dict[str, Person] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        speaker: Any = self.fields["speaker"]
        speaker.known = speaker.widget.known = people or {}

    def clean_slug(self) -> str:
        return (
            str(SlugField(max_length=100).clean(self.cleaned_data["slug"], None)) if self.cleaned_data["slug"] else ""
        )

    def clean_text(self) -> str:
        return self.cleaned_data["text"].replace("\r\n", "\n")

    def draft(self, source: Source, text: str, about: dict[str, Any]) -> None:
        """Save the statement and its passages as a draft. Raises ValidationError if it cannot be one."""
        said = {name: self.cleaned_data[name] for name in ("slug", "quotation_type", "text", "speaker", "cue")}
        said["speaker_as_printed"] = self.cleaned_data["speaker_as_printed"]
        speaker = said["speaker"]
        statement = Statement(**said, **about, source=source, party=speaker.party if speaker else None)
        passages = []
        for number, place in enumerate(self.cleaned_data["places"].split(","), 1):
            start, end = (int(part) for part in place.split("-"))
            passages.append(Passage(number=number, exact=text[start:end], start=start, end=end))
        wrong = check_evidence(statement, passages)
        if wrong:
            raise ValidationError([f"{name}: {why}" for name, why in wrong.items()])
        verdict = look_up(statement, passages, text)
        if verdict.result == "verified":
            statement.verified_on, statement.verified_sha256 = timezone.localdate(), evidence.digest(text.encode())
        statement.full_clean()
        statement.save()
        for passage in passages:
            passage.statement = statement
            passage.save()


class AboutForm(forms.Form):
    """What all drafts of one source have in common."""

    meeting = forms.ModelChoiceField(Meeting.objects.newest_first(), help_text="The meeting that they are about.")
    said_on = forms.CharField(
        max_length=32, validators=[validate_edtf], help_text=Statement._meta.get_field("said_on").help_text
    )


Proposals = forms.formset_factory(ProposalForm, extra=0, max_num=500, absolute_max=500)


def find_quotations(request: HttpRequest, pk: int) -> HttpResponse:
    """Quotations found in a held text; those that the editor ticks become drafts, all or none."""
    if not request.user.has_perm("talks.add_statement"):
        raise PermissionDenied
    source = get_object_or_404(Source, pk=pk)
    text = held_text(source) or ""
    found = proposals(source, text) if request.method != "POST" else None
    about = AboutForm(request.POST or None, initial={"said_on": source.published_on})
    forms_ = Proposals(request.POST or None, initial=found, form_kwargs={"people": speakers(request.POST, found or [])})
    if request.method == "POST" and forms_.is_valid() and about.is_valid() and drafted(forms_, about, source, request):
        ticked = sum(bool(form.cleaned_data.get("take")) for form in forms_)
        messages.success(
            request, f"{ticked} draft{' was' if ticked == 1 else 's were'} made. Nothing is published by itself."
        )
        return redirect("admin:talks_source_change", pk)
    mark_likely(forms_, source)
    page = {**admin.site.each_context(request), "source": source, "about": about, "proposals": forms_, "held": text}
    return render(request, "admin/talks/quotations.html", {**page, "title": f"Quotations in {source}"})


def mark_likely(forms_: Any, source: Source) -> None:
    """Tell each proposal which statements say the same already."""
    drafts = []
    for form in forms_:
        speaker, text = form["speaker"].value(), form["text"].value() or ""
        key = speaker.pk if isinstance(speaker, Person) else duplicates.number(str(speaker or ""))
        drafts.append((key, duplicates.wordings(text, form.initial.get("words", ()))))
    for form, same in zip(forms_, duplicates.among(drafts, source.published_on), strict=True):
        form.same = same


def speakers(sent: Any, found: list[dict[str, Any]]) -> dict[str, Person]:
    """The persons whom the forms name, by their numbers as forms have them."""
    numbers = [duplicates.number(sent[name]) for name in sent if name.endswith("-speaker")]
    named = [number for number in numbers if number is not None]
    people = Person.objects.among(named).with_party() if named else ()
    return {str(person.pk): person for person in (*people, *(row["speaker"] for row in found if row["speaker"]))}


def drafted(forms_: Any, about: AboutForm, source: Source, request: HttpRequest) -> bool:
    """Save all that are ticked, or none and say why beside the form."""
    text = held_text(source) or ""
    try:
        with ledger.change(request.user.get_username()):
            for form in forms_:
                if form.cleaned_data.get("take"):
                    try:
                        form.draft(source, text, about.cleaned_data)
                    except ValidationError as error:
                        form.add_error(None, "; ".join(error.messages))
                        raise
    except ValidationError:
        return False
    return True


def proposals(source: Source, text: str) -> list[dict[str, Any]]:
    """What was found, as the first values of the forms. Quotations that are drafted already are left out."""
    people = {person.slug: person for person in Person.objects.published().with_party()}
    known = [Known(slug, (person.name, *person.also_written)) for slug, person in people.items()]
    there = set(Passage.objects.filter(statement__source=source).exclude(exact="").values_list("start", "end"))
    rows = []
    for found in quotations.find(text, known):
        if there & set(found.passages):
            continue
        speaker, words = people.get(found.speaker or ""), [text[start:end] for start, end in found.passages]
        who = speaker.name if speaker else found.speaker_as_printed or source.publisher
        joined = JOINT.join(words)
        rows.append(
            {
                "slug": slugify(f"{who} {' '.join(joined.split()[:5])}")[:90].strip("-"),
                "quotation_type": found.quotation_type,
                "text": joined if found.quotation_type == "direct" else f"{who} {found.cue or 'spoke of'} {joined}",
                "words": words,
                "speaker": speaker,
                "speaker_as_printed": found.speaker_as_printed,
                "cue": found.cue,
                "places": ",".join(f"{start}-{end}" for start, end in found.passages),
            }
        )
    return rows
