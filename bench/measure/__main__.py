"""`make bench`: measures part by part, prints the tables, keeps the figures in VAR_DIR/bench."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext

from bench.measure import desk, importing, kept, making, migrating, searches, setting, slow, streams, table
from bench.measure.homes import FOLDER, alone, postgresql

PARTS = {
    "kept": kept.measure,
    "making": making.measure,
    "searches": searches.measure,
    "desk": desk.measure,
    "streams": streams.measure,
    "importing": importing.measure,
    "migrating": migrating.measure,
    "slow": slow.measure,
}


def main() -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed. On Debian: apt-get install wrk")
    asked = setting.read()
    if unknown := asked.only.keys() - PARTS.keys():
        sys.exit(f"ONLY: {', '.join(unknown)} is none of {', '.join(PARTS)}.")
    began, busy = time.monotonic(), os.getloadavg()[0]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are stopped
    without = os.environ.get("POSTGRESQL") == "0"
    with alone(), nullcontext(("", ())) if without else postgresql() as (server, beside):
        if not server:
            asked.left_out.append(f"PostgreSQL, {'by POSTGRESQL=0' if without else 'which is not installed here'}")
        text = told(asked._replace(server=server, beside=beside), busy)
    if os.environ.get("WRITE") == "1":
        table.put_into_readme(text)
    minutes = (time.monotonic() - began) / 60
    print(f"{minutes:.1f} minutes; tables and figures stand in {FOLDER}", file=sys.stderr)


def told(asked: setting.Setting, busy: float) -> str:
    """Measure part by part; each one's tables are printed, and all that is known so far is kept, when it is done."""
    sections: list[table.Section] = []
    text = ""
    for name in filter(asked.wants, PARTS):
        if section := measured(name, asked):
            sections.append(section)
            print("\n".join(one.markdown() for one in section.tables), flush=True)
        tables = [one.markdown() for section in sections for one in section.tables]
        text = "\n".join([table.told_of_run(asked.rounds, asked.counts, asked.left_out, busy), *tables])
        table.written(text, sections, FOLDER)
    return text


def measured(name: str, asked: setting.Setting) -> table.Section | None:
    """One part; if it breaks off, the others are measured all the same, and the tables say so."""
    try:
        return PARTS[name](asked)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        print(f"  {name}: {error}", file=sys.stderr)
        asked.left_out.append(f"the part “{name}”, which broke off ({type(error).__name__})")
        return None


if __name__ == "__main__":
    main()
