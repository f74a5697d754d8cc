from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_answers import AnswersCase
from .common_planning import TODAY

KPIS = ("kpi_cycle_count_right", "kpi_cycle_count_overdue", "kpi_cycle_count_waiting")


@tagged("post_install", "-at_install")
class TestDigest(AnswersCase):
    """Odoo's digest tells those who may read figures of counting how things stand in their company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env["digest.digest"].create(
            {"name": "Counting", "company_id": cls.company.id, **dict.fromkeys(KPIS, True)})

    def _get_kpis(self, user, digest=None):
        """What the mail of a user says: ``{KPI: value}``, and that each stands alone."""
        kpis = [kpi for kpi in (digest or self.digest)._compute_kpis(user.company_id, user) if kpi["kpi_name"] in KPIS]
        self.assertFalse([kpi for kpi in kpis if kpi["kpi_col2"] or kpi["kpi_col3"]])
        self.subtitles = {kpi["kpi_name"]: kpi["kpi_col1"]["col_subtitle"] for kpi in kpis}
        self.actions = {kpi["kpi_name"]: kpi["kpi_action"] for kpi in kpis}
        return {kpi["kpi_name"]: kpi["kpi_col1"]["value"] for kpi in kpis}

    def _make_figures(self):
        """Three of four random counts right, one position late, two differences that wait."""
        self.draw_sample(3, 1)
        self.add_lines(*({"state": "to_approve", "product": product, "variance": 3} for product in self.make_products(2)))
        self.env["stock.cycle.count.position"].create({
            "company_id": self.company.id, "plan_id": self.plan.id, "location_id": self.bin.id, "product_id": self.product.id,
            "deadline_date": TODAY - timedelta(days=30)})

    def test_it_says_what_the_page_says(self):
        self._make_figures()
        tiles = self.get_tiles()
        for user in (self.supervisor, self.users["finance"]):
            found = self._get_kpis(user)
            self.assertEqual(found, {KPIS[0]: "75.00", KPIS[1]: 1, KPIS[2]: 2})
            self.assertEqual(found[KPIS[1]], self.get_figures()["overdue"].number)
            self.assertEqual(float(found[KPIS[0]]), tiles["right"]["value"])
            self.assertEqual(found[KPIS[2]], tiles["decide"]["count"])
        self.assertEqual(self.subtitles, {KPIS[0]: "Last 90 Days", KPIS[1]: "Now", KPIS[2]: "Now"})
        for action in self.actions.values():
            self.assertTrue(self.env.ref(action.split("&", maxsplit=1)[0]))

    def test_without_data_it_does_not_fail(self):
        self.assertEqual(self._get_kpis(self.supervisor), {KPIS[1]: 0, KPIS[2]: 0})

    def test_who_may_not_read_figures_is_told_none(self):
        self._make_figures()
        for role in ("outsider", "counter", "worker", "manager"):
            with self.subTest(role=role):
                self.assertEqual(self._get_kpis(self.users[role]), {})
        for name in KPIS:
            with self.subTest(name=name), self.assertRaisesRegex(AccessError, "supervisors and controllers"):
                getattr(self.as_user(self.counter, self.digest), f"{name}_value")

    def test_companies_are_walls(self):
        self._make_figures()
        self.assertEqual(self._get_kpis(self.stranger), {}, "The digest is of a company that is not theirs")
        anybodys = self.digest.copy({"company_id": False})
        self.assertEqual(self._get_kpis(self.stranger, anybodys), {KPIS[1]: 0, KPIS[2]: 0})
        self.assertEqual(self._get_kpis(self.supervisor, anybodys)[KPIS[2]], 2)

    def test_the_mail_is_sent(self):
        self._make_figures()
        self.digest.user_ids = self.supervisor | self.counter
        self.digest.action_send_manual()
        mails = {mail.email_to: mail.body_html for mail in self.env["mail.mail"].search(
            [("subject", "=", f"{self.company.name}: Counting")])}
        self.assertIn("75.00", mails[self.supervisor.email_formatted])
        self.assertNotIn("Stock Records Right", mails[self.counter.email_formatted])

    def test_odoos_own_digest_tells_them(self):
        own = self.env.ref("digest.digest_digest_default", raise_if_not_found=False)
        if own:
            self.assertEqual([own[name] for name in KPIS], [True] * 3)
