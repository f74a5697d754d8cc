import json

from odoo.tests import HttpCase, tagged

from .common import CountCase


@tagged("post_install", "-at_install")
class TestHomeScreen(CountCase, HttpCase):
    """The scanner on the home screen of a phone."""

    def _get_manifest(self, user=None):
        self.authenticate(user and user.login, user and user.login)
        response = self.url_open("/web/manifest.webmanifest")
        self.assertEqual(response.headers["Content-Type"], "application/manifest+json")
        return json.loads(response.text)

    def test_what_a_phone_puts_on_its_home_screen(self):
        for role, is_scanner, has_shortcut in [
            (None, False, False), ("outsider", False, False), ("finance", False, False), ("worker", False, True),
            ("counter", True, True),
        ]:
            with self.subTest(role=role):
                manifest = self._get_manifest(role and getattr(self, role))
                self.assertEqual(manifest["name"] == "Cycle Counting", is_scanner)
                self.assertEqual(manifest["start_url"], "/web")
                own = [one for one in manifest["shortcuts"] if "stock_cycle_count" in one["url"]]
                self.assertEqual(len(own), has_shortcut)
                if is_scanner:
                    for icon in manifest["icons"]:
                        found = self.url_open(icon["src"])
                        self.assertEqual((found.status_code, found.headers["Content-Type"]), (200, "image/png"))

    def test_logged_out_it_asks_for_the_login_and_goes_on(self):
        self.authenticate(None, None)
        response = self.url_open("/web")
        self.assertIn("/web/login", response.url)
        self.assertIn('name="password"', response.text)
        self.assertEqual(self.counter.action_id.id, self.env.ref(
            "stock_cycle_count.stock_cycle_count_scanner_action").id)
