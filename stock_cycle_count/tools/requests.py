"""What clients send: any JSON at all. Here its shape is looked at, before anything else is done with it."""
import math
import re
from datetime import date, datetime

#: Ids are numbers of four bytes in the database.
LARGEST_ID = 2 ** 31 - 1
#: Longer texts were not typed or scanned by anybody.
LONGEST_TEXT = 2000
#: Names that a device gives to acts of counting; those of imports begin with another word.
_KEY = re.compile(r"(?!import-)[\w.:-]{1,64}", re.ASCII)
#: What PostgreSQL cannot store: NUL, and halves of characters.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_ENTRY_IDS = ("line_id", "count_id", "location_id", "product_id", "package_id")
_ENTRY_TEXTS = ("kind", "lot_name", "undone_key", "reason")
_STATE_IDS = ("count_id", "location_id", "package_id", "product_id")


def is_id(value) -> bool:
    """Whether a value can be the id of a record.

    >>> [is_id(value) for value in (1, 0, -1, True, "1", 2 ** 31, None)]
    [True, False, False, False, False, False, False]
    """
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def read_id(text: str) -> int:
    """Id that a text states, 0 when it states none.

    >>> read_id("17"), read_id("²"), read_id("x"), read_id(""), read_id("9" * 5000)
    (17, 0, 0, 0, 0)
    """
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else 0
    return number if is_id(number) else 0


def is_text(value) -> bool:
    """Whether a value is a text that can be stored.

    >>> is_text("Bin"), is_text("a" + chr(0)), is_text(chr(0xD800)), is_text(5), is_text("x" * 3000)
    (True, False, False, False, False)
    """
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and not _NO_TEXT.search(value)


def read_text(value) -> str:
    """A cell or a barcode as a text that can be looked for; empty for what is none.

    >>> read_text(" A" + chr(0) + "1 "), read_text(5), read_text(None), read_text(False), read_text([1])
    ('A1', '5', '', '', '')
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = format(value) if abs(value) <= LARGEST_ID else ""
    return _NO_TEXT.sub("", value)[:LONGEST_TEXT].strip() if isinstance(value, str) else ""


def read_state(state) -> dict:
    """State of a scanner screen, of which only what can be is left.

    >>> read_state({"screen": "sheet", "count_id": 7, "location_id": "x", "evil": 1})
    {'screen': 'sheet', 'count_id': 7, 'location_id': False}
    >>> read_state("sheet"), read_state(None), read_state({})
    ({'screen': 'home'}, {'screen': 'home'}, {})
    """
    if not isinstance(state, dict):
        return {"screen": "home"}
    clean = {"screen": state["screen"]} if is_text(state.get("screen")) else {}
    clean.update((name, is_id(state[name]) and state[name]) for name in _STATE_IDS if name in state)
    return clean


def is_entry(entry) -> bool:
    """Whether something has the shape of an entry of the scanner, whatever it says.

    >>> is_entry({"client_key": "a-1", "kind": "add", "line_id": 5, "parts": [["uom-1", 2]]})
    True
    >>> [is_entry(entry) for entry in (
    ...     None, 5, {}, {"client_key": ""}, {"client_key": "import-1"}, {"client_key": "a", "line_id": "x"},
    ...     {"client_key": "a", "parts": 5}, {"client_key": "a", "parts": [[1, 2, 3]]}, {"client_key": "a", "line_id": []},
    ...     {"client_key": "a", "lot_name": {}})]
    [False, False, False, False, False, False, False, False, False, False]
    """
    return (
        isinstance(entry, dict) and isinstance(entry.get("client_key"), str) and bool(_KEY.fullmatch(entry["client_key"]))
        and all(entry.get(name) in (None, False) or is_id(entry[name]) for name in _ENTRY_IDS)
        and all(entry.get(name) in (None, False) or is_text(entry[name]) for name in _ENTRY_TEXTS)
        and _are_parts(entry.get("parts") or []))


def _are_parts(parts):
    """Whether something is a list of units and numbers; what the numbers are is for others to say."""
    return isinstance(parts, (list, tuple)) and len(parts) <= 100 and all(
        isinstance(part, (list, tuple)) and len(part) == 2 and is_text(part[0]) for part in parts)


def is_table(names, rows) -> bool:
    """Whether something is the content of a file: names of columns, and rows of cells.

    >>> is_table(["id", "note"], [["1", False], [2, 0.5]]), is_table(["id"], [[["1"]]]), is_table("id", []), is_table([1], [])
    (True, False, False, False)
    """
    return (
        isinstance(names, (list, tuple)) and all(is_text(name) for name in names) and isinstance(rows, (list, tuple))
        and all(isinstance(row, (list, tuple)) and all(
            cell is None or isinstance(cell, (str, int, float)) for cell in row) for row in rows))


def is_value(kind: str, value) -> bool:
    """Whether a value can be one of a field of some type.

    >>> is_value("char", "x"), is_value("char", 5), is_value("float", float("nan")), is_value("integer", 2 ** 40)
    (True, False, False, False)
    >>> is_value("datetime", "2024-02-30 10:00:00"), is_value("date", "2024-02-29"), is_value("many2one", {"id": 3})
    (False, True, True)
    >>> is_value("many2many", [[6, 0, [1]], [4, 2]]), is_value("one2many", [[9, 1]]), is_value("many2many", "x")
    (True, False, False)
    >>> is_value("binary", "aGk="), is_value("binary", "ä"), is_value("binary", 5)
    (True, False, False)
    """
    if value is None or value is False:
        return True
    if kind in ("char", "text", "html", "selection"):
        return is_text(value)
    if kind in ("integer", "float", "monetary"):
        return isinstance(value, (int, float)) and -LARGEST_ID <= value <= LARGEST_ID or (
            isinstance(value, float) and kind != "integer" and math.isfinite(value))
    if kind in ("date", "datetime"):
        return _is_time(value) if isinstance(value, str) else isinstance(value, date)
    if kind == "binary":
        return isinstance(value, (str, bytes)) and value.isascii()
    if kind == "many2one":
        return is_id(value.get("id") if isinstance(value, dict) else value)
    if kind in ("one2many", "many2many"):
        return isinstance(value, (list, tuple)) and all(is_id(item) or _is_command(item) for item in value)
    return True


def _is_time(text):
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return 1000 < datetime.strptime(text, form).year < 9999
        except ValueError:
            continue
    return False


def _is_command(item):
    """Whether something is a command of a list of records; rows that are new have a text for an id."""
    if not isinstance(item, (list, tuple)) or not 0 < len(item) <= 3 or isinstance(item[0], bool) or item[0] not in range(7):
        return False
    kind, record_id, content = (*item, None, None)[:3]
    if kind in (0, 1):
        return isinstance(content, dict) and (kind == 0 or is_id(record_id))
    if kind == 6:
        return isinstance(content, (list, tuple)) and all(is_id(one) for one in content)
    return kind == 5 or is_id(record_id)


def written_values(value) -> "list[dict]":
    """What the value of a field of many records writes on them, see ``is_value``.

    >>> written_values([[0, "virtual_1", {"name": "x"}], [1, 7, {}], [6, 0, [1]], 5]), written_values(False)
    ([{'name': 'x'}, {}], [])
    """
    return [item[2] for item in value or () if isinstance(item, (list, tuple)) and item[0] in (0, 1)]


def named_ids(value) -> "list[int]":
    """Ids of the records that the value of a relational field names, see ``is_value``.

    >>> named_ids(5), named_ids(False), named_ids([[6, 0, [1, 2]], [4, 3], [1, 7, {}], [0, "virtual_1", {}], [5]])
    ([5], [], [1, 2, 3, 7])
    """
    if isinstance(value, dict):
        value = value.get("id")
    ids = []
    for item in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(item, (list, tuple)):
            kind, record_id, content = (*item, None, None)[:3]
            ids += content if kind == 6 else [record_id] if kind else []
        else:
            ids.append(item)
    return [record_id for record_id in ids if is_id(record_id)]
