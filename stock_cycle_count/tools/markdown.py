"""The guide as HTML: as much of Markdown as it is written in."""
import re
from html import escape

LIST_ITEM = re.compile(r"(- |\d+\. )")


def slug(title: str) -> str:
    """What a section is linked by.

    >>> slug("What to count next")
    'what-to-count-next'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def to_html(text: str) -> str:
    """HTML of a text with headings, paragraphs, lists of one level, tables, emphasis and code; what else looks like HTML is
    shown as it is written.

    >>> print(to_html("## Why\\n\\nSay *what* you\\n**want**: `a < b`.\\n\\n- one\\n  more\\n- two"))
    <h2 id="why">Why</h2>
    <p>Say <em>what</em> you <strong>want</strong>: <code>a &lt; b</code>.</p>
    <ul><li>one more</li><li>two</li></ul>
    >>> print(to_html("| a | b |\\n|---|---|\\n| 1 | 2 |"))
    <table class="table"><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
    >>> to_html("1. first\\n2. second")
    '<ol><li>first</li><li>second</li></ol>'
    """
    return "\n".join(_block(block.splitlines()) for block in re.split(r"\n\s*\n", text.strip()))


def _block(lines):
    first = lines[0]
    if first.startswith("#"):
        marks, title = first.split(" ", 1)
        return f'<h{len(marks)} id="{slug(title)}">{_inline(title)}</h{len(marks)}>'
    if first.startswith("|"):
        rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
        cells = "".join(
            f"<tr>{''.join(f'<{kind}>{_inline(cell)}</{kind}>' for cell in row)}</tr>"
            for row, kind in [(rows[0], "th"), *((row, "td") for row in rows[2:])])
        return f'<table class="table">{cells}</table>'
    if LIST_ITEM.match(first):
        items = []
        for line in lines:
            if LIST_ITEM.match(line):
                items.append(LIST_ITEM.sub("", line, count=1))
            else:
                items[-1] += " " + line.strip()
        kind = "ul" if first.startswith("-") else "ol"
        return f"<{kind}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{kind}>"
    return f"<p>{_inline(' '.join(line.strip() for line in lines))}</p>"


def _inline(text):
    text = escape(text, quote=False)
    for pattern, kind in ((r"`([^`]+)`", "code"), (r"\*\*([^*]+)\*\*", "strong"), (r"\*([^*]+)\*", "em")):
        text = re.sub(pattern, rf"<{kind}>\1</{kind}>", text)
    return text
