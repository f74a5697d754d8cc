"""The simulation counts what its world says, compares like with like, and runs."""

import doctest
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks.simulation import accounts, house, population, report, run, world
from benchmarks.simulation.accounts import Course, Day, Find, Told

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("module", [accounts, population, run, world], ids=lambda module: module.__name__)
def test_examples(module):
    tested = doctest.testmod(module)
    assert tested.attempted
    assert not tested.failed


def play(model, days=80, number=200, seed=1):
    made = world.World(world.MODELS[model], seed, number)
    return made, [made.step() for _day in range(days)]


def test_one_seed_is_one_world():
    """What happens follows from the seed and the day alone, however it was counted before."""
    (one, first), (other, second) = play("mixed"), play("mixed")
    assert first == second and one.positions == other.positions
    assert play("mixed", seed=2)[1] != first
    for position in other.positions:
        position.book = position.real
    following, corrected = ({moved.number for moved in made.step()} for made in (one, other))
    assert len(following & corrected) > 0.8 * len(following | corrected)


@pytest.mark.parametrize("model", world.MODELS)
def test_books_follow_moves_and_only_errors_part_them(model):
    made = world.World(world.MODELS[model], 1, 200)
    books = [one.book for one in made.positions]
    for _day in range(80):
        for moved in made.step():
            books[moved.number] += moved.received - sum(moved.picks)
            assert sum(moved.picks) <= max(moved.wanted, 0)
            assert moved.is_reported <= (sum(moved.picks) < moved.wanted)
    assert books == [one.book for one in made.positions]
    assert all(one.real >= 0 for one in made.positions)
    assert 0.5 < made.right() < 1
    assert made.outstanding() > 0
    for one in made.positions:
        one.book = one.real
    assert (made.right(), made.outstanding(), made.phantoms()) == (1, 0, 0)


def test_what_the_error_models_are_about():
    lost, _days = play("theft")
    assert not any(one.error > 0 for one in lost.positions)
    paired, _days = play("pairs")
    assert all(not one.error for one in paired.positions if one.sibling is None)
    assert sum(one.error for one in paired.positions) == 0
    alike, _days = play("alike")
    assert {round(one.offence, 6) for one in alike.positions} == {1}
    slow, _days = play("slow", number=600)
    fast = sorted(slow.positions, key=lambda one: one.speed)[-200:]
    assert sum(one.error != 0 for one in fast) < sum(one.error != 0 for one in slow.positions) / 3
    assert sum(one.offence > 2 for one in play("moves")[0].positions) > 10


def course(setting, outstanding, finds=(), told=(), seed=1, **values):
    days = [Day(value, 0.9, 0.01) for value in outstanding]
    return Course("moves", seed, setting, days, days[4::5], list(finds), list(told), **values)


def make_worlds(**values):
    ours, often, seldom = house.SETTINGS
    return report.group([
        course(ours, [80.0] * 70, offences=[1.0, 3.0], **values), course(often, [100.0] * 70), course(seldom, [90.0] * 70),
        # Of a seed that the other settings have not counted yet.
        course(ours, [1.0] * 70, seed=2)])


def test_what_is_better_is_compared_with():
    [((rival, year), (_rival, end))] = report.get_changes(make_worlds()).values()
    assert rival == "by class, 4/2/1"
    assert (round(year, 3), round(end, 3)) == (-0.111, -0.111)


def test_the_report_tells_what_was_found():
    finds = [Find(13, "ranked", False, 20.0), Find(13, "control", True, 2.0), Find(13, "control", True, 0.0)]
    worlds = make_worlds(finds=finds, told=[Told(0.8, 0.95, 0.9), Told(0.8, 0.85, 0.9)], shown={1: 40})
    text = report.compose(worlds, {(0.001, 0.1): [population.Quarter(60, 54, 0.9)]}, "much")
    assert "Worlds of each kind of error: moves 1." in text
    rows = {row.split(" | ")[0].strip("| "): row for row in text.splitlines() if row.startswith("| ")}
    assert "| -11.1% | **not reached** |" in text and "no kind above -10% | -11.1% | reached |" in text
    assert "0.5 to 0.5 x | **not reached** |" in text and "| 1 of 1 | reached |" in text
    assert "populations' quarters | 100.0% | **not reached** |" in text
    assert "**-11%**" in text and "80 | 100 | 90" in text
    assert "1: 20.0, 100%" in text and "| 40.0 | **0.5 x** | 20.0 x | 2.0 x |" in text
    assert "| 2 | 1 (50.0%) | 90.0% |" in rows["**the addon, all**"]
    assert "| 1 | 1 (100.0%) |" in rows["**all populations**"]
    assert "| moves | 1 | 1 (100%) | 1 | 40 |" in text


def test_the_plot_shows_every_setting():
    drawing = ElementTree.fromstring(report.draw(make_worlds()))
    paths = [element.get("d") for element in drawing.iter("{http://www.w3.org/2000/svg}path")]
    assert sum(path.count("L") == 69 for path in paths) == len(house.SETTINGS)


def test_chosen_counts_do_not_spoil_the_interval():
    """Of many quarters the interval holds the truth about as often as it says."""
    quarters = population.play(0.001, 0.2, 60, 1, positions=200, capacity=4)
    assert len(quarters) == 60
    assert sum(quarter.is_told for quarter in quarters) >= 53
    assert sum(quarter.truth for quarter in quarters) / 60 < 0.99


@pytest.mark.long
def test_some_weeks_are_simulated(database):
    """All that is counted is found to differ by what the world says, or the program would fail."""
    before = report.FILE.stat().st_mtime_ns
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.simulation.run", "--database", database, "--quick"],
        cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = [int(line.split(", ")[-1].split()[0]) for line in done.stdout.splitlines() if " counts" in line and "seed" in line]
    assert len(counts) == len(house.SETTINGS)
    assert min(counts) > 0.8 * max(counts), "the same labour"
    assert report.FILE.stat().st_mtime_ns == before
