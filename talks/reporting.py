"""The words by which reports say that somebody speaks. English, Ukrainian and some Russian."""

from __future__ import annotations

_ENGLISH = """
    acknowledged added admitted announced answered argued asked assured called claimed commented complained conceded
    concluded confirmed continued declared demanded denied described dismissed emphasised emphasized explained
    hinted insisted joked muttered noted objected observed pledged pointed posted praised proposed promised recalled
    reiterated remarked repeated replied reported responded said says shouted sighed stated stressed suggested told
    tweeted urged vowed warned whispered wrote
"""
_UKRAINIAN = """
    сказав сказала заявив заявила назвав назвала запитав запитала відповів відповіла наголосив наголосила запевнив
    запевнила додав додала повідомив повідомила зазначив зазначила підкреслив підкреслила пояснив пояснила написав
    написала пообіцяв пообіцяла попередив попередила
"""
_RUSSIAN = "сказал сказала заявил заявила ответил ответила добавил добавила отметил отметила подчеркнул написал"

CUES = frozenset((_ENGLISH + _UKRAINIAN + _RUSSIAN).split())
PRONOUNS = frozenset(["he", "she", "він", "вона", "он", "она"])
ACCORDING_TO_ONE = r"(?i:according to|за словами|по словам)\b"
ACCORDING = r"(?i:according to|за словами|за (?:її|його) словами|по словам)\b"

# A term, a title or a nickname follows these, and nobody's words.
NAMING = (
    r"(?i)\b(?:so-called|term|titled|entitled|nicknamed|named|dubbed|known as|film|essay|book|newspaper|weekly)\W*$"
)

TITLES = frozenset(
    [
        "Mr",
        "Mrs",
        "Ms",
        "Dr",
        "Sir",
        "President",
        "Minister",
        "Secretary",
        "Ambassador",
        "Envoy",
        "Chairman",
        "General",
        "Prime",
        "Foreign",
        "Defense",
        "Defence",
        "State",
        "Deputy",
        "Former",
        "Chief",
        "The",
        "A",
        "An",
        "Council",
    ]
)
SMALL_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "for",
        "from",
        "he",
        "her",
        "his",
        "i",
        "in",
        "is",
        "it",
        "its",
        "my",
        "of",
        "on",
        "or",
        "our",
        "she",
        "so",
        "that",
        "the",
        "their",
        "then",
        "they",
        "this",
        "to",
        "was",
        "we",
        "what",
        "when",
        "where",
        "while",
        "who",
        "with",
        "you",
        "your",
        "after",
        "before",
        "later",
        "outside",
        "asked",
    ]
)
# With one of these, words that begin small can still be a clause of their own.
FINITE = frozenset(
    [
        "am",
        "are",
        "can",
        "can’t",
        "cannot",
        "could",
        "did",
        "do",
        "does",
        "don’t",
        "had",
        "has",
        "have",
        "is",
        "isn’t",
        "may",
        "might",
        "must",
        "need",
        "needs",
        "shall",
        "should",
        "was",
        "were",
        "will",
        "won’t",
        "would",
    ]
)
