"""The guide is on the server, and what screens link to is in it."""
import re
from pathlib import Path

from odoo.tests import HttpCase, new_test_user, tagged

LINK = re.compile(r'/stock_cycle_count/guide#([^"]+)"')


@tagged("post_install", "-at_install")
class TestGuide(HttpCase):

    def test_every_link_leads_to_its_section(self):
        new_test_user(self.env, "guide_counter", "stock_cycle_count.group_counter")
        self.authenticate("guide_counter", "guide_counter")
        page = self.url_open("/stock_cycle_count/guide")
        self.assertEqual(page.status_code, 200)
        self.assertIn("<strong>Supervisor</strong>", page.text)
        sections = re.findall(r'<h[12] id="([^"]+)">', page.text)
        self.assertEqual(len(set(sections)), len(sections))
        root = Path(__file__).parents[1]
        linked = {
            anchor for folder in ("views", "wizard", "static/src") for path in (root / folder).rglob("*.xml")
            for anchor in LINK.findall(path.read_text(encoding="utf-8"))}
        self.assertGreater(len(linked), 4)
        self.assertLessEqual(linked, set(sections))

    def test_it_is_for_people_who_are_logged_in(self):
        page = self.url_open("/stock_cycle_count/guide")
        self.assertIn("/web/login", page.url)
