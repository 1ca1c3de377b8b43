"""How wide words stand on a drawing, and how short they can be said. Widths are guessed, rather too wide."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from talks import dates

LETTER, WIDE = 7.6, 14.0  # at 13 px, semi-bold
MARGIN = 104  # what stands to the left of the lanes
LONGEST = 16  # letters on a flag


def neat(number: float) -> float:
    """A number of pixels as it is written down: tenths, and whole ones without a point."""
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def width(text: str) -> float:
    """How much room a text needs at most, in pixels."""
    return sum(0 if combining(sign) else WIDE if east_asian_width(sign) in "WF" else LETTER for sign in text)


def short(text: str, years: bool = False) -> str:
    """An EDTF date on a flag: `28 Feb`, `Mar`, `28–30 May`, `2025`; with years and without days `Feb 2022`."""
    sides = [_short(side, years) for side in text.split("/")]
    if len(sides) == 2 and sides[0].split()[1:] == sides[1].split()[1:]:
        sides[0] = sides[0].split()[0]
    return clipped("–".join(sides if sides[:1] != sides[1:] else sides[:1]), LONGEST)


def _short(side: str, years: bool) -> str:
    words = dates.words(side).split()
    if len(words) > 1 and words[-2] in dates.MONTHS:
        month = words[-2][:3]
        day = [word for word in words[:-2] if not word.isdigit()] if years else words[:-2]
        words = [*day, month, *(words[-1:] if years else [])]
    return " ".join(words)


def clipped(text: str, most: int) -> str:
    """At most so many letters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def fitted(name: str, lines: int = 3) -> list[str]:
    """A name in at most so many lines, none wider than the margin."""
    found = [""]
    for word in name.split():
        longer = f"{found[-1]} {word}".strip()
        if found[-1] and width(longer) > MARGIN:
            found.append(word)
        else:
            found[-1] = longer
    kept = found[:lines]
    if len(found) > lines:
        kept[-1] += "…"
    return [_narrow(line) for line in kept]


def _narrow(line: str) -> str:
    shorter = line
    while width(shorter) > MARGIN:
        shorter = shorter.removesuffix("…")[:-1].rstrip() + "…"
    return shorter
