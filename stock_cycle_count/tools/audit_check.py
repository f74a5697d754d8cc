"""Checks an audit pack with nothing but Python: python3 audit_check.py FOLDER

It comes with the pack, and needs neither Odoo nor a network. It says what holds and what does not, and ends with 1 if anything
does not: files that were changed, draws that do not come to the same positions, drawn positions without a line, decisions of
whoever counted, adjustments that stock moves, valuation layers or journal entries do not bear out, a statement that positions
and lines do not come to, and root causes and hints that were closed without a word.
"""
import csv
import hashlib
import math
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

#: Sums of a stratum that are compared.
SUMS = ("positions", "value", "counted", "counted_value", "found", "corrected", "random_counts", "right_counts", "random_found")


def read(folder, name):
    """Rows of a file of the pack, by the names of their columns."""
    csv.field_size_limit(2 ** 30)
    with (Path(folder) / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(text):
    """Numbers that are written as first-last where there is no gap.

    >>> numbers("1-3,7"), numbers("")
    ([1, 2, 3, 7], [])
    """
    found = []
    for part in filter(None, text.split(",")):
        first, _dash, last = part.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def draw(seed, frame, number):
    """The positions with the lowest hashes, and the highest hash among them.

    >>> draw("seed", range(1, 1001), 3)[0]
    [663, 485, 557]
    """
    ranked = sorted((hashlib.sha256(f"{seed}{one}".encode()).hexdigest(), one) for one in frame)[:number]
    return [one for _rank, one in ranked], ranked[-1][0]


def check_files(folder):
    """Every file is the one that the manifest lists."""
    for row in read(folder, "manifest.csv"):
        path = Path(folder) / row["file"]
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != row["sha256"]:
            yield f"{row['file']} is not the file that was exported."


def check_draws(folder):
    """Every draw comes to the same positions, or empty bins, from its seed; each of them has a line, and nothing else has."""
    lined, rows = defaultdict(set), read(folder, "draws.csv")
    names = {row["id"]: "position_id" if row["kind"] == "position" else "location_id" for row in rows}
    for line in read(folder, "lines.csv"):
        if line["draw_id"] in names:
            lined[line["draw_id"]].add(int(line[names[line["draw_id"]]] or 0))
    for row in rows:
        what = "positions" if row["kind"] == "position" else "empty bins"
        name, frame = f"The draw of {what} of {row['day']} (plan {row['plan_id']})", numbers(row["frame"])
        if hashlib.sha256(",".join(map(str, sorted(frame))).encode()).hexdigest() != row["frame_hash"]:
            yield f"{name} was made from others than it lists."
        drawn = set(numbers(row["drawn_positions"]))
        if row["seed"]:
            again, highest = draw(row["seed"], frame, int(row["number"]))
            if drawn != set(again) or highest != row["threshold_hash"]:
                yield f"{name} comes to others: {again}."
        missing = drawn - lined[row["id"]] - set(numbers(row["standing_positions"]))
        if missing:
            yield f"{name} drew some that have no line: {sorted(missing)}."
        if lined[row["id"]] - drawn:
            yield f"{name} has lines that it did not draw: {sorted(lined[row['id']] - drawn)}."


def check_decisions(folder):
    """Nobody decided on an own count, unless it says that this was waived."""
    counted = defaultdict(set)
    for entry in read(folder, "entries.csv"):
        counted[entry["line_id"]].add(entry["user_id"])
    for row in read(folder, "decisions.csv"):
        if row["decision"] == "approve" and row["user_id"] in counted[row["line_id"]] and row["self_approval"] != "t":
            yield f"Decision {row['id']} is of somebody who counted line {row['line_id']}."


def check_adjustments(folder):
    """What was posted is what moved and what was booked."""
    for row in read(folder, "reconciliation.csv"):
        rests = [row[name] for name in ("quantity_rest", "layer_rest", "entry_rest")]
        if any(rest and Decimal(rest) for rest in rests):
            yield f"Line {row['line_id']}: quantity, layers and entries leave {', '.join(rest or '-' for rest in rests)}."


def sum_strata(folder, first, last):
    """What the statement rests on, from positions and lines: ``{(warehouse, plan, class): sums}``, the positions that hold the
    first 30 % of a warehouse's value under ``(warehouse, "top", "")``.
    """
    strata, places, wholes, above = {}, {}, defaultdict(Decimal), defaultdict(Decimal)
    positions = [
        (-Decimal(row["value"] or 0), int(row["position_id"]), row["warehouse"], row["plan_id"], row["class"])
        for row in read(folder, "population.csv") if row["active"] == "t"]
    for value, _position, warehouse, *_rest in positions:
        wholes[warehouse] += max(-value, 0)
    for value, position, warehouse, *names in sorted(positions):
        is_top = value < 0 and above[warehouse] < wholes[warehouse] * Decimal("0.3")
        above[warehouse] -= min(value, 0)
        places[position] = strata.setdefault(
            (warehouse, "top", "") if is_top else (warehouse, *names), defaultdict(Decimal))
        places[position]["positions"] += 1
        places[position]["value"] -= value
    dated, drawn = defaultdict(list), defaultdict(list)
    draws = {row["id"] for row in read(folder, "draws.csv") if row["kind"] == "position"}
    for line in read(folder, "lines.csv"):
        position = int(line["position_id"] or 0)
        if position not in places or line["is_opening"] == "t" or line["origin"] == "held_move":
            continue
        if line["state"] in ("posted", "rejected") and first <= line["count_day"] <= last:
            dated[position].append(line)
        if line["draw_id"] in draws and line["is_answered"] == "t":
            drawn[line["draw_id"], position].append(line)
    worth = {position: -value for value, position, *_rest in positions}
    for position, lines in dated.items():
        day = max(line["count_day"] for line in lines)
        places[position]["counted"] += 1
        places[position]["counted_value"] += worth[position]
        for line in lines:
            if line["count_day"] == day:
                places[position]["found"] += Decimal(line["variance_value"] or 0)
                places[position]["corrected"] += Decimal(line["variance_value"] or 0) * (line["state"] == "posted")
    for (_draw, position), lines in drawn.items():
        value = sum(Decimal(line["variance_value"] or 0) for line in lines)
        places[position]["random_counts"] += 1
        places[position]["right_counts"] += all(line["is_hit"] == "t" for line in lines)
        places[position]["random_found"] += value
        places[position]["random_squares"] += value * value
    return strata


def estimate(strata):
    """Estimate of the true value, and half of the interval that is right 19 times in 20; None where nothing can be told."""
    plans, value, variance, told = defaultdict(list), Decimal(0), Decimal(0), False
    for (_warehouse, plan, _class), sums in strata.items():
        value += sums["value"]
        if plan == "top":
            value += sums["found"] - sums["corrected"]
        else:
            plans[plan].append(sums)
    for group in plans.values():
        if min(sums["random_counts"] for sums in group) < 2:
            group = [{name: sum(sums[name] for sums in group) for name in (
                "positions", "random_counts", "random_found", "random_squares")}]
        for sums in group:
            number = sums["random_counts"]
            if number >= 2:
                told = True
                value += sums["positions"] * sums["random_found"] / number
                spread = max(sums["random_squares"] - sums["random_found"] ** 2 / number, Decimal(0)) / (number - 1)
                variance += sums["positions"] ** 2 * spread / number
    return (value if told else None), (1.959964 * math.sqrt(variance) if told and variance > 0 else None)


def tail(hits, number, share):
    """Chance of so many hits or more."""
    return sum(math.exp(
        math.lgamma(number + 1) - math.lgamma(one + 1) - math.lgamma(number - one + 1) + one * math.log(share)
        + (number - one) * math.log1p(-share)) for one in range(hits, number + 1))


def check_strata(folder):
    """What the statement rests on is what positions and lines come to."""
    period = read(folder, "statement.csv")[0]
    strata = sum_strata(folder, period["from"], period["to"])
    for row in read(folder, "strata.csv"):
        names = ("top", "") if row["is_top"] == "t" else (row["plan_id"], row["class"])
        sums = strata.pop((row["warehouse"], *names), defaultdict(Decimal))
        wrong = [name for name in SUMS if abs(Decimal(row[name]) - sums[name]) > Decimal("0.005")]
        if wrong:
            yield f"{' '.join((row['warehouse'], *names))}: {', '.join(wrong)} come to something else."
    for names in strata:
        yield f"{' '.join(names)} is missing."


def check_statement(folder):
    """The statement is what it rests on comes to."""
    strata = {}
    for row in read(folder, "strata.csv"):
        key = (row["warehouse"], "top" if row["is_top"] == "t" else row["plan_id"], row["class"])
        strata[key] = {name: Decimal(row[name]) for name in (*SUMS, "random_squares")}
    for row in read(folder, "statement.csv"):
        name = row["warehouse"] if row["scope"] == "warehouse" else "The company"
        own = {key: sums for key, sums in strata.items() if row["scope"] == "company" or key[0] == row["warehouse"]}
        for field, value in zip(("estimate", "error"), estimate(own)):
            if bool(row[field]) != (value is not None) or value is not None and abs(float(row[field]) - float(value)) > 0.02:
                yield f"{name}: {field} comes to {value}."
        hits, number = (int(sum(sums[field] for sums in own.values())) for field in ("right_counts", "random_counts"))
        if hits and abs(tail(hits, number, float(row["right_at_least_percent"]) / 100) - 0.05) > 0.001:
            yield f"{name}: the records are not right at least to {row['right_at_least_percent']} %."


def check_causes(folder):
    """Whoever closed a root cause or dismissed a hint said why, and both tell the same of each other."""
    causes = read(folder, "root_causes.csv")
    hints = {row["id"]: row for row in read(folder, "hints.csv")}
    told = {row["id"]: set(filter(None, row["cause_ids"].split(","))) for row in hints.values()}
    for row in causes:
        if row["state"] == "done" and not (row["change"] and row["closed_date"] and row["closed_by_id"]):
            yield f"Root cause {row['id']} was closed without what was changed, when or by whom."
        if row["hint_id"] in told and row["id"] not in told[row["hint_id"]]:
            yield f"Hint {row['hint_id']} does not know root cause {row['id']}, which it led to."
    led = {row["id"]: row["hint_id"] for row in causes}
    for row in hints.values():
        if row["state"] == "dismissed" and not (row["dismissal"] and row["dismissed_by_id"]):
            yield f"Hint {row['id']} was dismissed without why or by whom."
        if row["state"] == "cause" and not told[row["id"]]:
            yield f"Hint {row['id']} led to a root cause that it does not name."
        for cause in told[row["id"]] & led.keys():
            if led[cause] != row["id"]:
                yield f"Root cause {cause} does not come of hint {row['id']}."


def describe(folder):
    """What was counted of all positions, and what the adjustments come to."""
    positions = [row for row in read(folder, "population.csv") if row["active"] == "t"]
    counted = {row["position_id"] for row in read(folder, "lines.csv") if row["count_date"] and row["state"] != "cancel"}
    done = [row for row in positions if row["position_id"] in counted]
    value, whole = (sum(Decimal(row["value"] or 0) for row in rows) for rows in (done, positions))
    yield f"Positions counted in the period: {len(done)} of {len(positions)}, worth {value} of {whole}."
    rest = read(folder, "unplanned.csv")
    yield f"Stock outside of any plan: {len(rest)} products in places, worth {sum(Decimal(row['value']) for row in rest)}."
    rows = read(folder, "roll_forward.csv")
    left = sum(bool(Decimal(row["rest"])) for row in rows)
    yield f"Rolled forward to the last day: {len(rows)} counts, of which {left} leave a rest."
    own = [row for row in read(folder, "auditor_counts.csv") if row["state"] == "counted"]
    differ = sum(bool(float(row["book_difference_qty"])) for row in own)
    yield f"Auditors counted {len(own)} places themselves; {differ} differed from the books."
    last = read(folder, "statement.csv")[0]["to"]
    causes, hints = read(folder, "root_causes.csv"), read(folder, "hints.csv")
    waiting = [row for row in causes if row["state"] == "open"]
    yield (f"Root causes: {len(causes)}, of which {len(waiting)} are open, "
           f"{sum(row['due_date'] <= last for row in waiting)} of them past their day.")
    right, wrong = (sum(row["outcome"] == outcome for row in hints) for outcome in ("right", "wrong"))
    yield f"Hints: {len(hints)}, of which {right} were right and {wrong} were wrong."
    rows = read(folder, "reconciliation.csv")
    sums = {name: sum(Decimal(row[name] or 0) for row in rows) for name in (
        "adjustment_value", "layer_value", "layer_rest", "entry_rest")}
    yield "Adjustments: " + ", ".join(f"{name} {value}" for name, value in sums.items()) + "."


def main(folder):
    """Check all, and print it.

    :return: whether anything does not hold
    """
    wrong = False
    for check in (check_files, check_draws, check_decisions, check_adjustments, check_strata, check_statement, check_causes):
        problems = list(check(folder))
        wrong = wrong or bool(problems)
        sys.stdout.writelines([f"{'NO' if problems else 'ok'}: {check.__doc__}\n", *(f"    {one}\n" for one in problems)])
    sys.stdout.writelines(f"{sentence}\n" for sentence in describe(folder))
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
