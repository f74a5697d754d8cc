from markupsafe import Markup

from odoo.http import Controller, request, route
from odoo.tools import file_open

from ..tools import markdown

#: Parts of the guide, as they come with the addon, and what they are called.
PARTS = {"USAGE": "Counting", "CONFIGURE": "Setting up"}


class CountGuide(Controller):
    """The guide of this version, on the server itself: screens link to its sections."""

    @route("/stock_cycle_count/guide", type="http", auth="user", readonly=True)
    def show(self):
        """How counting is used and set up, on one page."""
        text = ""
        for name, title in PARTS.items():
            with file_open(f"stock_cycle_count/readme/{name}.md") as part:
                text += f"# {title}\n\n{part.read()}\n\n"
        return request.render("stock_cycle_count.guide", {"content": Markup(markdown.to_html(text))})
