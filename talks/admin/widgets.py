"""Fields for choosing another noun that know what was fetched with their row, and do not ask for it again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.db.models import Model


class KnownMixin(AutocompleteMixin):
    """Draws what is chosen from `known`, by its value in the form; what is not there is asked for as Django does."""

    known: ClassVar[dict[str, Any]] = {}

    def optgroups(self: Any, name: str, value: Any, attrs: Any = None) -> Any:
        empty = self.choices.field.empty_values
        chosen = [str(one) for one in value if str(one) not in empty]
        if not set(chosen) <= set(self.known):
            return AutocompleteMixin.optgroups(self, name, value, attrs)
        rows = [(one, self.choices.field.label_from_instance(self.known[one])) for one in chosen]
        if not (self.is_required or self.allow_multiple_selected):
            rows.insert(0, ("", ""))
        options = [self.create_option(name, key, label, key in chosen, at) for at, (key, label) in enumerate(rows)]
        return [(None, options, 0)]


class KnownAutocomplete(KnownMixin, AutocompleteSelect):
    """For one noun."""


class KnownAutocompleteMultiple(KnownMixin, AutocompleteSelectMultiple):
    """For several."""


def recall(form: Any) -> None:
    """Tell the fields of a form what was fetched with its row."""
    for name, field in form.fields.items():
        widget = getattr(field.widget, "widget", field.widget)
        if isinstance(widget, KnownMixin):
            widget.known = {str(row.pk): row for row in fetched(form.instance, name)}  # type: ignore[misc]


def fetched(row: Model, name: str) -> list[Model]:
    """What a row's relation leads to, as far as it was fetched already."""
    relation: Any = row._meta.get_field(name)
    if relation.many_to_many:
        there = name in getattr(row, "_prefetched_objects_cache", {})
        return list(getattr(row, name).all()) if there else []
    other = getattr(row, name) if relation.is_cached(row) else None
    return [other] if other is not None else []


class KnownChoices:
    """An inline whose fields of `autocomplete_fields` know what was fetched with each row."""

    def formfield_for_foreignkey(self: Any, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", KnownAutocomplete(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self: Any, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", KnownAutocompleteMultiple(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
