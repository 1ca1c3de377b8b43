"""EDTF as far as this project speaks it, held against another implementation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talks import dates

days = st.dates(date(1583, 1, 1), date(9998, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last", "words"),
    [
        ("2025-06-02", "2025-06-02", "2025-06-02", "2 June 2025"),
        ("2022-03", "2022-03-01", "2022-03-31", "March 2022"),
        ("2024-02", "2024-02-01", "2024-02-29", "February 2024"),
        ("2025", "2025-01-01", "2025-12-31", "2025"),
        ("2025~", "2025-01-01", "2025-12-31", "about 2025"),
        ("2025-05?", "2025-05-01", "2025-05-31", "perhaps May 2025"),
        ("2025-05-29%", "2025-05-29", "2025-05-29", "perhaps about 29 May 2025"),
        ("2025-05-28/2025-06-02", "2025-05-28", "2025-06-02", "28 May 2025 to 2 June 2025"),
        ("2022-03/2025", "2022-03-01", "2025-12-31", "March 2022 to 2025"),
    ],
)
def test_a_date_has_a_first_day_a_last_day_and_words(text, first, last, words):
    parsed = dates.parse(text)
    assert (str(parsed.first), str(parsed.last), dates.words(text)) == (first, last, words)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2025-13", "2025-02-30", "0000", "2025-6-2", "2025/", "/2025", "2025/2024", "2025-06-02/2025-06-01",
     "2025-06-02T10:00", "2025~~", "25", "2025-06-02\n", "２０２５", "2025/2026/2027", " 2025"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="is not a date"):
        dates.parse(text)


def test_only_an_unmarked_single_date_is_for_machines():
    assert [dates.machine(text) for text in ("2025-06-02", "2025-06", "2025~", "2025/2026")] == [
        "2025-06-02",
        "2025-06",
        "",
        "",
    ]


@given(days, st.integers(0, 4000), st.sampled_from(["day", "month", "year"]), st.sampled_from(["", "~", "?"]))
def test_bounds_agree_with_another_reader_of_edtf(day, length, precision, mark):
    import edtf

    cut = {"day": 10, "month": 7, "year": 4}[precision]
    end = min(day + timedelta(days=length), date(9999, 12, 31))
    for text in (f"{day}"[:cut] + mark, f"{f'{day}'[:cut]}/{f'{end}'[:cut]}"):
        parsed, other = dates.parse(text), edtf.parse_edtf(text)
        assert parsed.first.timetuple()[:3] == other.lower_strict()[:3]
        assert parsed.last.timetuple()[:3] == other.upper_strict()[:3]
