"""Visits, for any stops: nothing is lost, late, too early or too much."""
from collections import Counter
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.stock_cycle_count.tools.visits import Stop, join

MONDAY = date(2024, 3, 4)


def day(number):
    return MONDAY + timedelta(days=number)


@st.composite
def stops(draw):
    found = []
    for key in range(draw(st.integers(0, 25))):
        due = draw(st.integers(0, 20))
        place = draw(st.integers(1, 6))
        found.append(Stop(
            key, day(due + draw(st.integers(0, 5))), day(due), place, place % 2, draw(st.integers(1, 4)),
            draw(st.booleans())))
    return found


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stops(), st.integers(1, 12), st.integers(1, 10), st.integers(0, 7), st.data())
def test_visits(found, size, capacity, grace, data):
    load = {day(number): data.draw(st.integers(0, 5)) for number in range(0, 26, 5)}
    visits = join(found, size, capacity, load, lambda visit: visit + timedelta(days=grace))
    by_key = {stop.key: stop for stop in found}
    before, after = Counter(load), Counter(load)
    for stop in found:
        before[stop.day] += not stop.waits
        if not stop.waits:
            assert stop.key in visits, "what cannot wait is counted"
    openers = {(stop.day, stop.area) for stop in found if not stop.waits}
    for key, visit in visits.items():
        stop = by_key[key]
        after[visit.day] += 1
        assert visit.day <= stop.day, "nothing is counted later than on its own day"
        if visit.day < stop.day or stop.waits:
            assert stop.due <= visit.day + timedelta(days=grace), "nothing is counted before its grace days"
        assert any(day == visit.day for day, _area in openers), "somebody goes there anyway"
    for visited, number in after.items():
        assert number <= max(capacity, before[visited]), "no day takes more than its capacity but for what was there"
    assert len(set(visits.values())) <= len(openers), "never more walks than before"
    assert join(list(reversed(found)), size, capacity, load, lambda visit: visit + timedelta(days=grace)) == visits
