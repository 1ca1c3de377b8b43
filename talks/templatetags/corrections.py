"""Corrections as pages tell them."""

from __future__ import annotations

from django.template import Library

from talks import corrected

register = Library()
register.filter("at_once", corrected.at_once)
register.filter("as_told", corrected.as_told)
register.filter("with_words", corrected.with_words)
register.filter("besides_words", corrected.besides_words)
