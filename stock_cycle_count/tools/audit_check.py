"""Checks an audit pack with nothing but Python: python3 audit_check.py FOLDER

It comes with the pack, and needs neither Odoo nor a network. It says what holds and what does not, and ends with 1 if anything
does not: files that were changed, draws that do not come to the same positions, drawn positions without a line, decisions of
whoever counted, and adjustments that stock moves, valuation layers or journal entries do not bear out.
"""
import csv
import hashlib
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path


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
    """Every draw comes to the same positions from its seed, and each of them has a line."""
    lined = defaultdict(set)
    for line in read(folder, "lines.csv"):
        if line["draw_id"]:
            lined[line["draw_id"]].add(int(line["position_id"] or 0))
    for row in read(folder, "draws.csv"):
        name, frame = f"The draw of {row['day']} (plan {row['plan_id']})", numbers(row["frame"])
        if hashlib.sha256(",".join(map(str, sorted(frame))).encode()).hexdigest() != row["frame_hash"]:
            yield f"{name} was made from other positions than it lists."
        drawn = set(numbers(row["drawn_positions"]))
        if row["seed"]:
            again, highest = draw(row["seed"], frame, int(row["number"]))
            if drawn != set(again) or highest != row["threshold_hash"]:
                yield f"{name} comes to other positions: {again}."
        missing = drawn - lined[row["id"]] - set(numbers(row["standing_positions"]))
        if missing:
            yield f"{name} drew positions that have no line: {sorted(missing)}."


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


def describe(folder):
    """What was counted of all positions, and what the adjustments come to."""
    positions = [row for row in read(folder, "population.csv") if row["active"] == "t"]
    counted = {row["position_id"] for row in read(folder, "lines.csv") if row["count_date"] and row["state"] != "cancel"}
    done = [row for row in positions if row["position_id"] in counted]
    value, whole = (sum(Decimal(row["value"] or 0) for row in rows) for rows in (done, positions))
    yield f"Positions counted in the period: {len(done)} of {len(positions)}, worth {value} of {whole}."
    rest = read(folder, "unplanned.csv")
    yield f"Stock outside of any plan: {len(rest)} products in places, worth {sum(Decimal(row['value']) for row in rest)}."
    rows = read(folder, "reconciliation.csv")
    sums = {name: sum(Decimal(row[name] or 0) for row in rows) for name in (
        "adjustment_value", "layer_value", "layer_rest", "entry_rest")}
    yield "Adjustments: " + ", ".join(f"{name} {value}" for name, value in sums.items()) + "."


def main(folder):
    """Check all, and print it.

    :return: whether anything does not hold
    """
    wrong = False
    for check in (check_files, check_draws, check_decisions, check_adjustments):
        problems = list(check(folder))
        wrong = wrong or bool(problems)
        sys.stdout.writelines([f"{'NO' if problems else 'ok'}: {check.__doc__}\n", *(f"    {one}\n" for one in problems)])
    sys.stdout.writelines(f"{sentence}\n" for sentence in describe(folder))
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
