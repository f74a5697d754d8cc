"""What holds for every schedule, not only for the examples; checked against independent definitions."""

import functools
import math
import re
import unittest
from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo.addons.stock_cycle_count.tools import pareto, schedule, sheet_packing
from odoo.addons.stock_cycle_count.tools.due import first_due, rule
from odoo.addons.stock_cycle_count.tools.levelling import needed_capacity
from odoo.addons.stock_cycle_count.tools.workdays import WorkDays

PROFILE = settings(deadline=None, max_examples=200, derandomize=True)
START = date(2024, 1, 1)
#: Days that the calendars of these tests know before and after today.
PAST, AHEAD = 40, 360


@st.composite
def calendars(draw):
    """Working days around some today, with holidays and days off; at least one day a week."""
    today = START + timedelta(days=draw(st.integers(PAST, PAST + 13)))
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    holidays = draw(st.sets(st.integers(-5, 60), max_size=12))
    days = [today + timedelta(days=offset) for offset in range(-PAST, AHEAD)]
    working = [day for day in days if day.weekday() in weekdays and (day - today).days not in holidays]
    return WorkDays(working, today), today


#: A position in numbers: days since the last count, since it came into scope, its own number, interval of class and of
#: location, and days until it is requested and until the day of its open sheet.
NUMBERS = (
    st.none() | st.integers(0, 30), st.integers(0, 30), st.integers(1, 10_000), st.sampled_from((0, 1, 5, 14, 30, 60)),
    st.sampled_from((0, 0, 3, 20)))
ASKED = (st.none() | st.integers(-5, 60), st.sampled_from((None, None, None, -3, 0, 1, 2, 20)))


@st.composite
def tasks(draw, requests=False, most=25):
    """All that a schedule is made of: positions, days, today, capacity, grace days."""
    days, today = draw(calendars())

    def at(offset, sign=1):
        return None if offset is None else today + timedelta(days=sign * offset)

    numbers = draw(st.lists(st.tuples(*NUMBERS, *(ASKED if requests else ())), max_size=most))
    work = [
        schedule.Position(index, at(ago, -1), rule(
            at(ago, -1), at(since, -1), number, class_interval, location_interval, (today.month, 28)), *map(at, asked))
        for index, (ago, since, number, class_interval, location_interval, *asked) in enumerate(numbers)]
    return work, days, today, draw(st.integers(1, 6)), draw(st.integers(0, 6))


def make(task):
    work, days, _today, capacity, grace_days = task
    return schedule.make(work, days, capacity, grace_days)[0]


def due_day(position, days):
    """The working day by which a position is due: the last one within its interval, after its last count."""
    before = [day for day in days.days if day <= position.rule.due]
    after = [day for day in days.days if position.last and day > position.last]
    due = before[-1]
    return max(due, after[0]) if position.last and due <= position.last else due


def fits(deadlines, today_slots, capacity):
    """Whether unit jobs fit before their deadlines, by augmenting paths: every job looks for a place.

    :param deadlines: number of days, from today on, that each job may use
    :param today_slots: places that are taken already on the first day
    """
    places = defaultdict(list)

    def room(day):
        return capacity - (today_slots if day == 0 else 0)

    def put(job, seen):
        for day in range(deadlines[job]):
            if day in seen:
                continue
            seen.add(day)
            if len(places[day]) < room(day):
                places[day].append(job)
                return True
            for index, other in enumerate(places[day]):
                if put(other, seen):
                    places[day][index] = job
                    return True
        return False

    return all(put(job, set()) for job in range(len(deadlines)))


class TestLevelling(unittest.TestCase):

    @PROFILE
    @given(tasks())
    def test_counts_fall_on_working_days_to_come(self, task):
        _work, days, today, _capacity, _grace_days = task
        for dates in make(task):
            self.assertIn(dates.scheduled, days.days)
            self.assertGreaterEqual(dates.scheduled, today)

    @PROFILE
    @given(tasks())
    def test_no_day_is_above_the_capacity(self, task):
        work, days, today, capacity, _grace_days = task
        load = Counter(dates.scheduled for dates in make(task))
        load[today] += sum(position.last == today for position in work) if today in days.days else 0
        counted_today = sum(position.last == today for position in work)
        for day, number in load.items():
            self.assertLessEqual(number, max(capacity, counted_today if day == today else 0))

    @PROFILE
    @given(tasks())
    def test_due_days_keep_the_interval(self, task):
        work, days, _today, _capacity, grace_days = task
        for position, dates in zip(work, make(task)):
            self.assertEqual(dates.due, due_day(position, days))
            self.assertEqual(dates.deadline, days.days[days.days.index(dates.due) + grace_days])
            self.assertEqual((dates.interval, dates.reason), (position.rule.interval, position.rule.reason))

    @PROFILE
    @given(tasks(most=18))
    def test_every_deadline_holds_if_any_schedule_holds_it(self, task):
        work, days, today, capacity, _grace_days = task
        ahead = [day for day in days.days if day >= today]
        dates = make(task)
        deadlines = [sum(day <= one.deadline for day in ahead) for one in dates]
        counted_today = sum(position.last == ahead[0] for position in work)
        if fits(deadlines, min(counted_today, capacity), capacity):
            for one in dates:
                self.assertLessEqual(one.scheduled, one.deadline)
        else:
            self.assertTrue(any(one.scheduled > one.deadline for one in dates))

    @PROFILE
    @given(tasks())
    def test_nobody_counts_early_without_need(self, task):
        """With room for all on their due days, everything is counted on its due day; what never was, at once."""
        work, days, today, _capacity, grace_days = task
        ahead = [day for day in days.days if day >= today]
        dates, _needed = schedule.make(work, days, 2 * len(work) + 1, grace_days)
        for position, one in zip(work, dates):
            never = position.last is None and position.rule.interval
            self.assertEqual(one.scheduled, ahead[0] if never else max(one.due, ahead[0]))

    @PROFILE
    @given(tasks())
    def test_what_was_never_counted_takes_what_is_free_by_its_interval(self, task):
        """No day before that of a first count has room left for it, nor holds one that may wait longer."""
        work, days, today, capacity, _grace_days = task
        dates = make(task)
        load = Counter(one.scheduled for one in dates)
        firsts = [
            (position, one) for position, one in zip(work, dates) if position.last is None and position.rule.interval]
        counted_today = sum(position.last == today for position in work)
        for _position, one in firsts:
            for day in days.days:
                if today <= day < one.scheduled:
                    self.assertGreaterEqual(load[day] + counted_today * (day == today), capacity)
            self.assertFalse([
                other for other, its in firsts if its.scheduled < one.scheduled and its.deadline > one.deadline])

    @PROFILE
    @given(st.lists(st.integers(-2, 7), max_size=14), st.integers(0, 3))
    def test_the_needed_capacity_is_the_smallest_that_does(self, deadlines, grace_days):
        windows = Counter((deadline - grace_days, deadline) for deadline in deadlines)
        usable = [max(deadline, 0) + 1 for deadline in deadlines]
        smallest = next(capacity for capacity in range(len(deadlines) + 1) if fits(usable, 0, capacity))
        self.assertEqual(needed_capacity(windows), smallest)

    @PROFILE
    @given(tasks(), st.randoms(use_true_random=False))
    def test_the_order_of_the_input_does_not_matter(self, task, random):
        work, *rest = task
        shuffled = random.sample(work, len(work))
        self.assertEqual(*(
            Counter((one.due, one.deadline, one.scheduled) for one in make((some, *rest))) for some in (work, shuffled)))

    @PROFILE
    @given(tasks())
    def test_days_go_by_and_nothing_else_moves(self, task):
        """What is scheduled is counted day by day; while all fits, the rest stays where it is."""
        work, days, today, capacity, grace_days = task
        dates = make(task)
        assume(all(one.scheduled <= one.deadline for one in dates))
        assume(all(position.last != today for position in work))
        plan = {position.number: one.scheduled for position, one in zip(work, dates)}
        for day in [day for day in days.days if day >= today][:5]:
            work = [position for position in work if plan[position.number] > day]
            tomorrow = WorkDays(days.days, day + timedelta(days=1))
            again = schedule.make(work, tomorrow, capacity, grace_days)[0]
            self.assertEqual([one.scheduled for one in again], [plan[position.number] for position in work])

    @PROFILE
    @given(tasks(requests=True))
    def test_requests_are_never_pushed_later(self, task):
        work, _days, _today, _capacity, _grace_days = task
        for position, dates in zip(work, make(task)):
            if position.requested:
                self.assertLessEqual(dates.scheduled, position.requested)
                self.assertEqual(dates.reason == "manual", position.requested <= position.rule.due)

    @PROFILE
    @given(tasks(requests=True))
    def test_open_sheets_keep_their_day(self, task):
        for position, dates in zip(task[0], make(task)):
            if position.opened and not position.requested:
                self.assertEqual(dates.scheduled, position.opened)

    @PROFILE
    @given(tasks(requests=True))
    def test_the_rest_is_levelled_around_requests_and_sheets(self, task):
        work, days, today, capacity, _grace_days = task
        ahead = [day for day in days.days if day >= today]
        free, fixed = Counter(), Counter()
        for position, dates in zip(work, make(task)):
            asked = position.requested and position.requested <= dates.scheduled
            if asked or position.opened:
                fixed[max([day for day in ahead if day <= dates.scheduled], default=ahead[0])] += 1
            else:
                free[dates.scheduled] += 1
                self.assertIn(dates.scheduled, ahead)
        for day, number in free.items():
            self.assertLessEqual(number, capacity, day)


class TestFirstCounts(unittest.TestCase):

    @PROFILE
    @given(st.integers(1, 10_000_000), st.integers(1, 3000), st.integers(1, 365), st.data())
    def test_spread_evenly(self, first, number, interval, data):
        """Of consecutive numbers, every stretch of the interval gets its share, but for a few.

        The bound is that of the golden rotation: its discrepancy grows with the logarithm of the number.
        """
        days = Counter((first_due(START, first + index, interval) - START).days for index in range(number))
        self.assertTrue(all(0 <= day < interval for day in days))
        begin = data.draw(st.integers(0, interval - 1))
        end = data.draw(st.integers(begin + 1, interval))
        inside = sum(count for day, count in days.items() if begin <= day < end)
        self.assertLessEqual(abs(inside - number * (end - begin) / interval), 2 + math.log(number))

    @PROFILE
    @given(st.integers(1, 10_000_000), st.integers(1, 400))
    def test_always_within_the_first_interval_and_always_the_same(self, number, interval):
        due = first_due(START, number, interval)
        self.assertTrue(START <= due < START + timedelta(days=interval))
        for today in (START, START + timedelta(days=100)):
            back = rule(START - timedelta(days=interval + 1), START, number, interval, 0, (today.month, 1))
            self.assertEqual(back.due, due)
            never = rule(None, START, number, interval, 0, (today.month, 1))
            self.assertEqual(never.due, START + timedelta(days=interval))


class TestPareto(unittest.TestCase):

    metrics = st.lists(st.integers(-20, 50), max_size=15)
    boundaries = st.sets(st.integers(1, 99), max_size=4).map(lambda shares: [*sorted(shares), 100])

    @PROFILE
    @given(metrics, boundaries)
    def test_classes_follow_the_definition(self, metrics, boundaries):
        """In exact numbers: an item's class is the first whose share is not yet full before it."""
        total = sum(metric for metric in metrics if metric > 0)
        order = sorted(range(len(metrics)), key=lambda index: (-max(metrics[index], 0), index))
        before, expected = 0, {}
        for index in order:
            if metrics[index] > 0:
                share = Fraction(100 * before, total)
                expected[index] = min(place for place, limit in enumerate(boundaries) if share < limit)
                before += metrics[index]
            else:
                expected[index] = len(boundaries) - 1
        ranked = pareto.split(list(enumerate(metrics)), boundaries)
        self.assertEqual([item.key for item in ranked], order)
        self.assertEqual({item.key: item.class_index for item in ranked}, expected)

    @PROFILE
    @given(metrics, boundaries)
    def test_shares_rise_to_100(self, metrics, boundaries):
        ranked = pareto.split(list(enumerate(metrics)), boundaries)
        for one, after in zip(ranked, ranked[1:]):
            self.assertLessEqual(one.cumulative_share, after.cumulative_share)
            self.assertLessEqual(one.class_index, after.class_index)
        if ranked:
            self.assertAlmostEqual(ranked[-1].cumulative_share, 100)
            self.assertAlmostEqual(sum(item.share for item in ranked), 100 * any(metric > 0 for metric in metrics))

    @PROFILE
    @given(st.lists(st.sampled_from("ABC"), min_size=1), st.integers(1, 3))
    def test_a_damped_class_was_found_as_often_as_needed(self, found, needed):
        computed = candidate = None
        runs = 0
        for index, letter in enumerate(found):
            previous = computed
            computed, candidate, runs = pareto.settle(letter, computed, candidate, runs, needed)
            if previous and computed != previous:
                self.assertEqual(set(found[index + 1 - needed:index + 1]), {computed})
            if set(found[max(index + 1 - needed, 0):index + 1]) == {letter} and index + 1 >= needed:
                self.assertEqual(computed, letter, "what was found so often holds")


class TestSheets(unittest.TestCase):

    lines = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(0, 9))).map(sorted)

    @PROFILE
    @given(lines, st.integers(1, 6))
    def test_packing(self, lines, size):
        packed = sheet_packing.pack(lines, size, group=lambda line: line[1], wall=lambda line: line[0])
        self.assertEqual([line for sheet in packed for line in sheet], lines, "every line once, in order")
        groups = Counter(line[:2] for line in lines)
        for sheet in packed:
            self.assertTrue(0 < len(sheet) <= size)
            self.assertEqual(len({line[0] for line in sheet}), 1, "no sheet crosses a wall")
        for sheet, after in zip(packed, packed[1:]):
            if sheet[-1][:2] == after[0][:2]:
                self.assertGreater(groups[after[0][:2]], size, "only a group that no sheet can hold is cut")
            elif sheet[-1][0] == after[0][0]:
                self.assertGreater(len(sheet) + groups[after[0][:2]], size, "no sheet ends without need")

    @PROFILE
    @given(st.integers(0, 50), st.integers(1, 5), st.lists(st.integers(0, 7), max_size=6))
    def test_turns_are_fair_over_all_runs(self, start, people, runs):
        counters = list(range(people))
        turns = []
        for number in runs:
            turns += sheet_packing.take_turns(range(number), counters, start + len(turns))
        self.assertEqual(turns, [(start + turn) % people for turn in range(len(turns))])

    @PROFILE
    @given(st.lists(st.text("ab/-12 0", max_size=8), max_size=6))
    def test_natural_order(self, names):
        """Compared piece by piece: digits as numbers, the rest as text, level by level."""
        def pieces(name):
            return [re.findall(r"\d+|\D+", level) for level in name.split("/")]

        def compare(one, other):
            for left, right in zip(pieces(one), pieces(other)):
                for a, b in zip(left, right):
                    if a.isdigit() and b.isdigit():
                        if int(a) != int(b):
                            return int(a) - int(b)
                    elif a.isdigit() != b.isdigit():
                        return -1 if a.isdigit() else 1
                    elif a != b:
                        return -1 if a < b else 1
                if len(left) != len(right):
                    return len(left) - len(right)
            return len(pieces(one)) - len(pieces(other))

        keys = sorted(names, key=lambda name: sheet_packing.walking_key(0, 0, 0, name))
        for one, after in zip(keys, keys[1:]):
            self.assertLessEqual(functools.cmp_to_key(compare)(one), functools.cmp_to_key(compare)(after))
