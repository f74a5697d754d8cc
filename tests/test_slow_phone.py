"""A sheet of a thousand lines on a phone that is four times slower than this machine.

What is measured is time of the processor that the page's thread took, times four: it is the same however much else runs here.
"""

from statistics import median

import pytest

from odoo.addons.stock_cycle_count.tests.common_scanner import SCANNER

from .browser import PHONE, window
from .servers import served, shell

LINES = 1000
SLOWNESS = 4
#: Milliseconds of a slow phone: the median of what a scan takes from its first key until its line is shown as counted, and what
#: a picture of a scroll does.
SCAN, PICTURE = 100, 50
#: So many cards at most are drawn at any time.
MOST_CARDS = 120

SHEET = f"""
counter = env["res.users"].with_context(no_reset_password=True).create({{
    "name": "Nina", "login": "nina", "password": "nina",
    "groups_id": [(6, 0, env.ref("stock_cycle_count.group_counter").ids)]}})
stock = env["stock.warehouse"].search([], limit=1).lot_stock_id
place = env["stock.location"].create({{"name": "Long shelf", "location_id": stock.id}})
products = env["product.product"].create([{{
    "name": f"Bolt {{number:04}}", "type": "product", "barcode": f"BOLT-{{number:04}}"}} for number in range({LINES})])
sheet = env["stock.cycle.count"].create({{
    "user_id": counter.id, "line_ids": [(0, 0, {{"product_id": product.id, "location_id": place.id}}) for product in products]}})
sheet.with_user(counter).action_start()
env.cr.commit()
"""
#: Whether another line than before is framed as counted just now.
COUNTED = "(document.querySelector('.o_scanner_flash') || { dataset: {} }).dataset.lineId"
#: Number of pictures while the list is scrolled to its end and back, and the most cards on the way.
SCROLLED = """new Promise((resolve) => {
    const body = document.querySelector(".o_scanner_body");
    let steps = 0, most = 0;
    const step = () => {
        most = Math.max(most, body.querySelectorAll(".o_scanner_line").length);
        body.scrollTop = (body.scrollHeight - body.clientHeight) * (steps < 300 ? steps : 600 - steps) / 300;
        if (steps++ < 600) requestAnimationFrame(step); else resolve([steps, most]);
    };
    requestAnimationFrame(step);
})"""
#: Cards in view, once the list is scrolled so far.
IN_VIEW = """(() => {
    const body = document.querySelector(".o_scanner_body"), box = body.getBoundingClientRect();
    body.scrollTop = (body.scrollHeight - body.clientHeight) * %s;
    return [...body.querySelectorAll(".o_scanner_line")].filter((card) => {
        const { top, bottom } = card.getBoundingClientRect();
        return bottom > box.top && top < box.bottom;
    }).length;
})()"""


def get_time(phone):
    """Milliseconds that the page's thread took of the processor until now."""
    metrics = {one["name"]: one["value"] for one in phone.send("Performance.getMetrics")["metrics"]}
    return 1000 * metrics["TaskDuration"]


@pytest.mark.long
def test_a_thousand_lines_are_counted_and_scrolled(database, tmp_path, record_property):
    shell(database, SHEET)
    with served(database, tmp_path / "odoo.log") as login, window(PHONE) as phone:
        phone.log_in(login("nina", "nina"), SCANNER)
        phone.click(".o_scanner_location", "Long shelf")
        phone.see(".o_scanner_line", "Bolt 0000")
        for part in (0.3, 0.7, 1, 0.5, 0):
            phone.wait(IN_VIEW % part, lambda number: number >= 4, f"cards at {part} of the list")
        phone.send("Performance.enable", timeDomain="threadTicks")
        took = []
        # Next to each other, and from the end of the list, which is not drawn.
        for number in (0, 1, 2, 500, 501, 999, 3, 998, 4, 5, 6, 7):
            phone.wait_until_quiet()
            before, line = get_time(phone), phone.evaluate(COUNTED)
            phone.scan(f"BOLT-{number:04}")
            phone.wait(COUNTED, lambda shown, line=line: shown and shown != line, f"Bolt {number}")
            took.append(SLOWNESS * (get_time(phone) - before))
        phone.wait_until_quiet()
        before = get_time(phone)
        pictures, most = phone.evaluate(SCROLLED)
        figures = [round(one) for one in (median(took), SLOWNESS * (get_time(phone) - before) / pictures)]
        record_property("milliseconds of a slow phone: a scan, a picture of a scroll", figures)
        assert most <= MOST_CARDS
        assert figures[0] <= SCAN and figures[1] <= PICTURE, figures
        assert phone.messages == []
