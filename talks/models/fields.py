"""Field classes of the nouns: slugs that sort alike everywhere, EDTF dates and the days derived from them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import lookups
from django.db.models.functions import Collate, Length
from django.db.models.query_utils import DeferredAttribute

from talks import dates

# Constraints speak of the length of a code or a digest, in code points.
models.CharField.register_lookup(Length)

LANGUAGE = RegexValidator(
    r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", "“%(value)s” is no language tag (BCP 47), such as en or uk."
)
DIGEST = RegexValidator(
    r"^[0-9a-f]{64}\Z", "“%(value)s” is no SHA-256: it has 64 signs, the figures 0–9 and the letters a–f."
)
WEB_ADDRESS = RegexValidator(
    r"^https?://[^\s/?#]+[^\s\x00-\x1f\x7f]*\Z", "“%(value)s” is no web address: it begins with http:// or https://."
)


class PlainEncoder(json.JSONEncoder):
    """JSON whose letters stand as letters, so that they can be searched for in the column."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


class BinaryOrder:
    """Sorts by code point on every database, so that lists and fixtures come in one order."""

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters = super().db_parameters(connection)  # type: ignore[misc]
        return {**parameters, "collation": "C" if connection.vendor == "postgresql" else None}


class SlugField(BinaryOrder, models.SlugField):
    """The name of a noun in addresses, data and fixtures."""


class SortField(BinaryOrder, models.CharField):
    """Text that lists are sorted by."""


@SortField.register_lookup
class InAnyCase(lookups.IContains):
    """Search in the database's own collation: to PostgreSQL's "C" only A to Z have a small letter."""

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return lookups.IContains(Collate(self.lhs, "default"), self.rhs).as_sql(compiler, connection)


def validate_edtf(value: str) -> None:
    """Raise ValidationError if the text is no EDTF date of the kind in `talks.dates`."""
    try:
        dates.parse(value)
    except ValueError as error:
        raise ValidationError(str(error), code="edtf") from None


class EdtfField(models.CharField):
    """A date as precisely as it is known: EDTF text (ISO 8601-2, parts of levels 0 and 1)."""

    default_validators = [validate_edtf]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs)


class DerivedDay(DeferredAttribute):
    """Gives a row its derived day also where nobody saves it field by field: a raw save, a bulk update."""

    def __get__(self, row: Any, owner: Any = None) -> Any:
        day, field = super().__get__(row, owner), cast(DerivedDayField, self.field)
        if row is not None and day is None and row.__dict__.get(field.of):
            with suppress(ValueError):  # a text that is no date is told by its own field
                day = row.__dict__[field.attname] = field.day(row)
        return day

    def __set__(self, row: Any, value: Any) -> None:
        # With this it stands before the row's own value, which a raw save would take as it is.
        row.__dict__[self.field.attname] = value


class DerivedDayField(models.DateField):
    """The first or last day that an EDTF field of the same row can mean; never typed."""

    descriptor_class = DerivedDay

    def __init__(self, *args: Any, of: str = "date", side: str = "first", **kwargs: Any) -> None:
        self.of, self.side = of, side
        kwargs.update(editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, {**kwargs, "of": self.of, "side": self.side}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        day = self.day(model_instance)
        setattr(model_instance, self.attname, day)
        return day

    def day(self, row: models.Model) -> Any:
        """The day that the text of the same row gives; None without a text. Raises ValueError if it is no EDTF."""
        text = getattr(row, self.of)
        return getattr(dates.parse(text), self.side) if text else None
