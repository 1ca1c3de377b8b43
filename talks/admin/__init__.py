"""The editor's admin: one file for what all nouns share, one for forms, one for the registered classes."""

from talks.admin import nouns

__all__ = ["nouns"]
