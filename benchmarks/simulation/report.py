"""Writes what a simulation came to as a table and a plot."""

from datetime import date
from pathlib import Path
from statistics import mean

from .accounts import LAST, against_better, get_offenders, get_random_value, get_yields
from .house import OURS, SETTINGS

FOLDER = Path(__file__).parent.parent
FILE, PLOT = FOLDER / "SIMULATION.md", FOLDER / "simulation.svg"
#: What a person has to say about figures; it is kept at the end.
NOTES = Path(__file__).parent / "NOTES.md"
#: What is to be shown: change of what is outstanding in the mean of the kinds of errors and in the worst of them, what ranked
#: counts find beside random ones, how often the interval holds the truth, how many of the offenders that are shown truly are.
MEAN_GOAL, WORST_GOAL, LIFT_GOAL, TOLD_GOAL, OFFENDER_GOAL = -0.2, -0.1, 4, (0.94, 0.97), 0.9
#: Width and height of a panel of the plot, of the space around it, and panels side by side.
WIDTH, HEIGHT, MARGIN, COLUMNS = 300, 170, 44, 3
#: Colour and dashes of each setting.
PENS = (("#0b6e4f", ""), ("#c1440e", "6 3"), ("#3d5a98", "2 3"))


def group(courses):
    """Courses by model and setting, those of the same seeds only, in the order of the seeds: ``{model: {setting: [Course]}}``."""
    found = {}
    for model in dict.fromkeys(course.model for course in courses):
        by_setting = {name: {course.seed: course for course in courses if (course.model, course.setting) == (model, name)}
                      for name in SETTINGS}
        seeds = sorted(set.intersection(*map(set, by_setting.values())))
        if seeds:
            found[model] = {name: [own[seed] for seed in seeds] for name, own in by_setting.items()}
    return found


def get_changes(worlds):
    """Change of what is outstanding against the better setting by class, over the year and at its end:
    ``{model: ((rival, change), (rival, change))}``.
    """
    return {
        model: tuple(against_better(*_compare(by_setting, last)) for last in (0, LAST)) for model, by_setting in worlds.items()}


def _compare(by_setting, last):
    means = {name: [course.mean("outstanding", last) for course in courses] for name, courses in by_setting.items()}
    return means.pop(OURS), means


def _table(header, rows):
    lines = [header, ("---", *["--:"] * (len(header) - 1)), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def outstanding_table(worlds):
    """Value outstanding, right records and counts of each setting."""
    changes, rows = get_changes(worlds), []
    for model, by_setting in worlds.items():
        (rival, year), (_rival, end) = changes[model]
        rows.append((
            model, *(f"{mean(course.mean('outstanding') for course in courses):,.0f}" for courses in by_setting.values()),
            f"**{year:+.0%}**", f"{end:+.0%}", rival.removeprefix("by class, "),
            *(" / ".join(f"{mean(course.mean(name) for course in courses):.1%}" for courses in by_setting.values())
              for name in ("right", "phantoms"))))
    years, ends = ([pair[index][1] for pair in changes.values()] for index in (0, 1))
    rows.append(("**mean**", *[""] * len(SETTINGS), f"**{mean(years):+.0%}**", f"{mean(ends):+.0%}", *[""] * 3))
    return _table(
        ("Errors come by", *SETTINGS, "change in the year", "at its end", "against", "records right", "empty, not in the books"),
        rows)


def labour_table(worlds):
    """Counts a year by setting."""
    return _table(("Errors come by", *SETTINGS), [
        (model, *(f"{mean(len(course.finds) for course in courses):,.0f}" for courses in by_setting.values()))
        for model, by_setting in worlds.items()])


def yield_table(worlds, positions):
    """What counts of each kind found."""
    rows = []
    for model, by_setting in worlds.items():
        yields, truth = get_yields(by_setting[OURS]), get_random_value(by_setting[OURS], positions)
        none = (0, 0.0, 0.0)
        ranked, drawn = yields.get("ranked", none), yields.get("random", none)
        rows.append((
            model, *(f"{yields[kind][0]}: {yields[kind][1]:.1f}, {yields[kind][2]:.0%}" if kind in yields else "-" for kind in (
                "random", "ranked", "event", "class")),
            f"{truth:.1f}", f"**{ranked[1] / truth:.1f} x**" if truth else "-",
            f"{ranked[1] / drawn[1]:.1f} x" if drawn[1] else "-",
            f"{ranked[2] / drawn[2]:.1f} x" if drawn[2] else "-"))
    return _table(
        ("Errors come by", "random", "ranked", "events", "minimums", "a random count in truth", "ranked to that",
         "ranked to random", "misses, ranked to random"), rows)


def told_table(worlds, cells):
    """How often the interval of Records right holds the truth.

    :param cells: quarters of populations, ``{(level, share): [Quarter]}``
    """
    rows = []
    for model, by_setting in worlds.items():
        told = [one for course in by_setting[OURS] for one in course.told]
        if told:
            rows.append(_tell(f"the addon, {model}", [one.is_right for one in told], mean(one.truth for one in told), "-"))
    told = [one for by_setting in worlds.values() for course in by_setting[OURS] for one in course.told]
    if told:
        rows.append(_tell("**the addon, all**", [one.is_right for one in told], mean(one.truth for one in told), "-"))
    everything = [one for _key, quarters in sorted(cells.items()) for one in quarters]
    for name, quarters in (*((f"a population, {share:.0%} drawn", found) for (_level, share), found in sorted(cells.items())),
                           ("**all populations**", everything)):
        if quarters:
            rows.append(_tell(name, [one.is_told for one in quarters], mean(one.truth for one in quarters),
                              f"{mean(one.number for one in quarters):.0f}"))
    return _table(("Of", "quarters", "interval holds the truth", "right in truth", "random counts a quarter"), rows)


def _tell(name, rights, truth, number):
    return name, len(rights), f"{sum(rights)} ({mean(rights):.1%})", f"{truth:.1%}", number


def offender_table(worlds):
    """How well repeat offenders are told."""
    rows = []
    for model, by_setting in worlds.items():
        found = get_offenders(by_setting[OURS])
        rows.append((
            model, found.shown, f"{found.right} ({found.right / found.shown:.0%})" if found.shown else "-", found.all,
            "-" if found.weeks is None else f"{found.weeks:.0f}"))
    return _table(("Errors come by", "shown", "truly", "of all that truly are", "weeks until shown, median"), rows)


def goal_table(worlds, cells, positions):
    """What was to be shown, and whether it was."""
    years = [year for (_rival, year), _end in get_changes(worlds).values()]
    lifts = []
    for by_setting in worlds.values():
        truth, ranked = get_random_value(by_setting[OURS], positions), get_yields(by_setting[OURS]).get("ranked")
        if truth and ranked:
            lifts.append(ranked.value / truth)
    told = [one.is_told for quarters in cells.values() for one in quarters]
    found = [get_offenders(by_setting[OURS]) for by_setting in worlds.values()]
    shown, right = sum(one.shown for one in found), sum(one.right for one in found)
    goals = [
        (f"outstanding in the year, mean of the kinds, at most {MEAN_GOAL:.0%}", f"{mean(years):+.1%}", mean(years) <= MEAN_GOAL),
        (f"no kind above {WORST_GOAL:.0%}", f"{max(years):+.1%}", max(years) <= WORST_GOAL),
        *([(f"ranked counts find at least {LIFT_GOAL} x what random ones would", f"{min(lifts):.1f} to {max(lifts):.1f} x",
            min(lifts) >= LIFT_GOAL)] if lifts else []),
        *([(f"interval right in {TOLD_GOAL[0]:.0%} to {TOLD_GOAL[1]:.0%} of the populations' quarters", f"{mean(told):.1%}",
            TOLD_GOAL[0] <= mean(told) <= TOLD_GOAL[1])] if told else []),
        *([(f"who is shown to keep erring truly does, at least {OFFENDER_GOAL:.0%}", f"{right} of {shown}",
            right / shown >= OFFENDER_GOAL)] if shown else [])]
    return _table(("Goal", "figure", ""), [
        (goal, figure, "reached" if is_reached else "**not reached**") for goal, figure, is_reached in goals])


def compose(worlds, cells, size):
    """All tables as Markdown.

    :param size: words about how large it was
    """
    positions = len(next(iter(worlds.values()))[OURS][0].offences)
    seeds = ", ".join(f"{model} {len(by_setting[OURS])}" for model, by_setting in worlds.items())
    return "\n\n".join((
        f"Written by `make simulate` on {date.today()}: {size}. Worlds of each kind of error: {seeds}.",
        goal_table(worlds, cells, positions), "![Value outstanding by day](simulation.svg)",
        "## Errors outstanding\n\nValue of what is wrong in the books, without sign, in the mean of the year.",
        outstanding_table(worlds),
        "Records right, and positions that are empty where the books show stock, are in the order of the settings.",
        "### Counts a year", labour_table(worlds),
        "## What counts find\n\nAfter the first quarter: counts, the value that each found, and how many of them were wrong.",
        yield_table(worlds, positions), "## Records right", told_table(worlds, cells), "## Repeat offenders",
        offender_table(worlds)))


def write(worlds, cells, size):
    """Write ``SIMULATION.md`` and its plot beside the results of ``make bench``."""
    FILE.write_text(
        f"# What counting by risk is worth\n\n{compose(worlds, cells, size)}\n\n{NOTES.read_text(encoding='utf-8')}",
        encoding="utf-8")
    PLOT.write_text(draw(worlds), encoding="utf-8")


# Plot

def draw(worlds):
    """What is outstanding by day and setting, a panel a model, as SVG."""
    panels = [
        _panel(model, by_setting, (MARGIN + index % COLUMNS * (WIDTH + MARGIN), 2 * MARGIN + index // COLUMNS * (
            HEIGHT + 2 * MARGIN))) for index, (model, by_setting) in enumerate(worlds.items())]
    lines = -(-len(worlds) // COLUMNS)
    width, height = COLUMNS * (WIDTH + MARGIN) + MARGIN, lines * (HEIGHT + 2 * MARGIN) + MARGIN
    legend = "".join(
        f'<path d="M{MARGIN + index * 190} 28h28" {_pen(index)}/><text x="{MARGIN + 34 + index * 190}" y="32">{name}</text>'
        for index, name in enumerate(SETTINGS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">\n'
        f"<title>Value of errors outstanding by working day</title>\n"
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n{legend}\n' + "\n".join(panels) + "\n</svg>\n")


def _pen(index):
    colour, dashes = PENS[index]
    return f'fill="none" stroke="{colour}" stroke-width="1.8"' + (f' stroke-dasharray="{dashes}"' if dashes else "")


def _panel(model, by_setting, corner):
    left, top = corner
    series = [
        [mean(course.days[day].outstanding for course in courses) for day in range(min(len(one.days) for one in courses))]
        for courses in by_setting.values()]
    highest, length = max(map(max, series)), max(map(len, series))

    def point(day, value):
        return f"{left + WIDTH * day / max(length - 1, 1):.1f} {top + HEIGHT * (1 - value / highest):.1f}"

    paths = "".join(
        f'<path d="M{" L".join(point(day, value) for day, value in enumerate(values))}" {_pen(index)}/>'
        for index, values in enumerate(series))
    return (
        f'<path d="M{left} {top}v{HEIGHT}h{WIDTH}" fill="none" stroke="#555"/><text x="{left}" y="{top - 8}" '
        f'font-weight="bold">{model}</text>'
        f'<text x="{left + WIDTH}" y="{top - 8}" text-anchor="end">highest: {highest:,.0f}</text>'
        f'<text x="{left}" y="{top + HEIGHT + 16}">day 1</text>'
        f'<text x="{left + WIDTH}" y="{top + HEIGHT + 16}" text-anchor="end">working day {length}</text>{paths}')
