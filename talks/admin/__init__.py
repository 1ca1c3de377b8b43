"""The editor's admin: `noun` is what all nouns share, `nouns` the registered classes, `inlines` what stands inside them."""

from talks.admin import nouns

__all__ = ["nouns"]
