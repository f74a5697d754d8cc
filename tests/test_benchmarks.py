"""The benchmarks run, and say so when a figure is over its limit or a comparison is none."""

import contextlib
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import report
from benchmarks.harness import Benchmark, Row, Samples, measure
from benchmarks.posting import core_alone

ROOT = Path(__file__).parents[1]


def row(figure, limit):
    return Row("Work", "much", 1.5, 7, "bare SQL, 1.00 s", figure, "x", limit)


def test_a_figure_is_judged_by_its_limit():
    lines = report.table([row(2.0, 2.0), row(2.01, 2.0), row(9.0, None)]).splitlines()[2:]
    assert [line.split(" | ")[-1] for line in lines] == ["pass |", "**over the limit** |", "reported only |"]
    assert "| 1.50 s |" in report.table([Row("Work", "much", 1.5, 7, "a second", 1.5, "s", 1.0)])
    assert [row(2.0, 2.0).passed, row(2.01, 2.0).passed, row(9.0, None).passed] == [True, False, True]


def test_each_core_has_its_table_and_what_people_wrote_stays(tmp_path, monkeypatch):
    file, notes = tmp_path / "RESULTS.md", tmp_path / "NOTES.md"
    notes.write_text("## Why\n\nBecause.\n")
    monkeypatch.setattr(report, "FILE", file)
    monkeypatch.setattr(report, "NOTES", notes)
    earlier, later = "Odoo 17.0 of 2024-07-09", "Odoo 17.0 of 2025-08-09"
    for core, figure in ((earlier, 1.25), (later, 1.5), (later, 1.75)):
        report.write([row(figure, 2.0)], 3, "15.4", core)
    text = file.read_text()
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [f"## {later}", f"## {earlier}", "## Why"]
    assert [name for name, _text in report.SECTION.findall(text)] == [later, earlier]
    assert all(text.count(figure) == times for figure, times in (("1.25 x", 1), ("1.50 x", 0), ("1.75 x", 1), ("Because.", 1)))


def test_the_report_names_the_core_that_it_ran_on(monkeypatch):
    assert re.fullmatch(r"Odoo 17.0 of \d{4}-\d\d-\d\d", report.core_name())
    monkeypatch.setattr(report.odoo.release, "version", "17.0-20240709")
    assert report.core_name() == "Odoo 17.0 of 2024-07-09"


def test_the_best_time_counts():
    assert Samples(seconds=[3.0, 1.0, 2.0]).best == 1.0


class Work(Benchmark):
    """Two variants, of which the second comes to what the test wants."""

    variants = ("ours", "bare")
    calls = ()

    def ours(self, env, clock):
        return self.variant(env, clock, "ours", 1)

    def bare(self, env, clock):
        return self.variant(env, clock, "bare", self.world)

    def variant(self, env, clock, name, outcome):
        self.calls += (name,)
        with clock(name):
            env.cr.sql_log_count += 3
        return outcome


class FakeDatabase:
    """Counts queries, and keeps nothing."""

    def tidy(self, tables):
        pass

    @contextlib.contextmanager
    def environment(self, commit):
        assert not commit
        cursor = SimpleNamespace(sql_log_count=0, execute=lambda statement: None)
        yield SimpleNamespace(cr=cursor, flush_all=lambda: None)


def test_variants_take_turns_and_each_run_is_kept():
    work = Work(1)
    samples = measure(FakeDatabase(), work, 3, lambda text: None)
    assert work.calls == ("ours", "bare", "bare", "ours", "ours", "bare")
    assert {name: kept.queries for name, kept in samples.items()} == {"ours": [3, 3, 3], "bare": [3, 3, 3]}


def test_variants_that_do_different_work_are_not_compared():
    with pytest.raises(RuntimeError, match="do not come to the same"):
        measure(FakeDatabase(), Work(2), 1, lambda text: None)


def test_core_is_measured_without_the_addon():
    """Only what the addon overrides in core's models is taken out, and all of it comes back."""
    core = type("Core", (), {"_module": "stock", "apply": lambda self: "core"})
    ours = type("Ours", (), {
        "_module": "stock_cycle_count", "apply": lambda self: f"ours, {super(ours, self).apply()}", "own": lambda self: "own"})
    model = type("Model", (ours, core), {"_original_module": "stock"})
    sheet = type("Sheet", (ours, core), {"_original_module": "stock_cycle_count"})
    with core_alone({"model": model}):
        assert (model().apply(), model().own()) == ("core", "own")
    assert model().apply() == "ours, core"
    with core_alone({"sheet": sheet}):
        assert sheet().apply() == "ours, core"


@pytest.mark.long
def test_all_benchmarks_run(database):
    """On a small world; the addon and bare SQL come to the same there, or the program would fail."""
    before = report.FILE.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--database", database, "--quick", "--repetitions", "1"],
        cwd=ROOT, capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    works = [line.split(" | ")[0].strip("| ") for line in done.stdout.splitlines() if line.startswith("| ")][2:]
    assert works == [
        *("Classify", "Classify again, nothing new"),
        *("Schedule", "Schedule again, nothing new"),
        "Rank what to count next",
        *("Generate sheets", "Generate again, nothing new"),
        "Confirm counts, 97 % match",
        *2 * ["Confirm counts, 97 % match, 11 x the history"],
        "Confirm counts, all differ",
        *2 * ["Confirm counts, all differ, 11 x the history"],
        "Confirm counts, all differ, with journal entries",
        *2 * ["Confirm counts, all differ, with journal entries, 11 x the history"],
        "Confirm counts, all differ, with one journal entry per sheet",
        "Confirm counts, all differ, on sheets of 40",
        *2 * ["Confirm counts, all differ, on sheets of 40, 11 x the history"],
        *("Look for unexplained changes, first night", "Look for unexplained changes, later nights"),
        *2 * ["Page of figures, 90 days", "Page of figures, 365 days"],
        "Count Results, first screen",
        *("Rank again, each night", "Draw of the day", "Note events of a transfer", "Review of a month"),
        *("Look for hints, each night", "Hints, first screen", "Root Causes, first screen", "Audit pack of a year"),
        "Note events of a transfer",
    ]
    assert report.FILE.read_bytes() == before
