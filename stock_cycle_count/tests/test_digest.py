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

    def test_of_two_companies(self):
        """Whoever works in both is told in each mail of the company that it is of, whichever is the user's own."""
        self._make_figures()
        plan = self.make_plan(
            name="Abroad", warehouse_id=self.other_warehouse.id, counter_ids=[(6, 0, self.stranger.ids)],
            calendar_id=self.other_company.resource_calendar_id.id)
        sheet = self.make_past_sheet(
            company_id=self.other_company.id, warehouse_id=self.other_warehouse.id, plan_id=plan.id)
        self.add_lines(*(
            {"count_id": sheet.id, "company_id": self.other_company.id, "location": self.other_warehouse.lot_stock_id,
             "user_id": self.stranger.id, "state": "to_approve", "product": product, "variance": 3}
            for product in self.make_products(5)))
        both = self.company | self.other_company
        foreign, anybodys = (self.digest.copy({"company_id": company_id}) for company_id in (self.other_company.id, False))
        user = self.make_user("floor_both", "stock_cycle_count.group_supervisor", company_ids=[(6, 0, both.ids)])
        for own in both:
            user.company_id = own
            here, there = {KPIS[0]: "75.00", KPIS[1]: 1, KPIS[2]: 2}, {KPIS[1]: 0, KPIS[2]: 5}
            self.assertEqual([self._get_kpis(user), self._get_kpis(user, foreign)], [here, there], own.name)
            self.assertEqual(self._get_kpis(user, anybodys), here if own == self.company else there)
        self.digest.user_ids = foreign.user_ids = user
        for digest in (self.digest, foreign):
            digest.name = f"Counting {digest.company_id.name}"
            digest.action_send_manual()
            mail = self.env["mail.mail"].search([("subject", "like", digest.name)])
            self.assertEqual("75.00" in mail.body_html, digest == self.digest)

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
