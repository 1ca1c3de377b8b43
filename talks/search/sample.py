"""Whether a search finds far more than are counted, told by a sample: one statement in 128, drawn by its row number.

Of ten thousand statements that a search finds, 78 are expected in the sample, give or take 9. To look there until
ENOUGH are found takes little, whereas to count ten thousand takes most of the time of a page. Of what has fewer there
nothing is known, and it is counted.
"""

from __future__ import annotations

ONE_IN = 128
# Of ten thousand or fewer so many are drawn once in 10^20 times (the tail of the binomial distribution). A search that finds
# 22,400 may expect them.
ENOUGH = 175


def drawn(number: str) -> str:
    """The condition in SQL, for both databases, that a row number is one of the sample.

    Bits from the middle of a product are as good as drawn by lot, also among numbers that come in steps, as those of one
    source do in an import that takes a statement from each in turn. Of larger numbers the last twenty bits count.
    """
    last = f"({number} & 1048575)"
    return f"(({last} * ({last} + 2654435761)) >> 12 & {ONE_IN - 1}) = 0"
