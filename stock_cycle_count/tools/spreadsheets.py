"""What spreadsheets make of texts in files that they open."""

#: What they read as the beginning of a formula; they take the wide forms for the plain ones, and skip blanks.
FORMULA_STARTS = ("-", "=", "+", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
                  "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")
#: The same as a regular expression, for databases.
FORMULA_PATTERN = f"^[{''.join(FORMULA_STARTS)}]"


def as_text(value: str) -> str:
    """A text that stays one: an apostrophe keeps spreadsheets from reading it as a formula.

    >>> as_text("=1+1"), as_text("1+1"), as_text("\N{FULLWIDTH PLUS SIGN}1"), as_text("")
    ("'=1+1", '1+1', "'\N{FULLWIDTH PLUS SIGN}1", '')
    """
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
