import base64

from odoo.exceptions import AccessError
from odoo.tests import Form

from .common_gate import GateCase

PNG = (b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class TestPhoto(GateCase):
    """Whoever counted blind sends a photo of it afterwards, and reads nothing back."""

    def _send(self, user, product=None, file=PNG, place=None):
        self._forget()
        wizard = self.as_user(user, self.env["stock.cycle.count.photo"]).create({
            "location_id": (place or self.bin_a).id, "product_id": (product or self.product).id, "file": file,
            "file_name": "shelf.png"})
        answer = wizard.action_send()
        self.assertFalse(wizard.exists())
        return answer

    def test_after_closing(self):
        sheet = self._close_with((40, self.product))
        line = sheet.line_ids
        self.assertEqual(line.state, "to_approve")
        answer = self._send(self.counter)
        file = line.evidence_ids
        self.assertEqual((file.name, file.raw), ("shelf.png", base64.b64decode(PNG)))
        self.assertEqual(self.as_user(self.supervisor, file).read(["name"])[0]["name"], "shelf.png")
        for read in (
            lambda: self.as_user(self.counter, file).read(["name"]), lambda: self.as_user(self.counter, line).read(["state"]),
        ):
            self._forget()
            with self.assertRaises(AccessError):
                read()
        self.assertFalse(self.as_user(self.counter, self.env["ir.attachment"]).search([("name", "=", "shelf.png")]))
        log = self.env["stock.cycle.count.audit.log"].search([], limit=1)
        self.assertIn("sent a photo", log.detail)
        self.assertEqual(log.user_name, self.counter.name)
        # Nothing that was seen changes once somebody decided, and the answer does not tell.
        self._approve(line, self.supervisor)
        self.assertEqual(self._send(self.counter), answer)
        self.assertEqual(line.evidence_ids, file)
        self.assertTrue(self.env["ir.attachment"].search(
            [("res_model", "=", sheet._name), ("res_id", "=", sheet.id), ("name", "=", "shelf.png")]))
        self.assertEqual(self._send(self.counter), answer)

    def test_satisfies_who_wants_evidence(self):
        self.reason.evidence_required = True
        line = self._close_with((40, self.product)).line_ids
        self._assert_refused(self._approve, line, self.supervisor)
        self._send(self.counter)
        self._approve(line, self.supervisor)
        self.assertEqual(line.state, "approved")

    def test_what_one_counted_last_is_proposed(self):
        self.receive(self.other_product, self.bin_b, 5)
        self._close_with((40, self.product), (5, self.other_product, self.bin_b))
        for user, product, place in (
            (self.counter, self.other_product, self.bin_b), (self.second, self.product.browse(), self.bin_a.browse()),
        ):
            form = Form(self.as_user(user, self.env["stock.cycle.count.photo"]))
            self.assertEqual((form.product_id, form.location_id), (product, place))

    def test_of_what_one_counted(self):
        line = self._close_with((40, self.product)).line_ids
        for user, product, place in (
            (self.second, self.product, self.bin_a), (self.worker, self.product, self.bin_a),
            (self.counter, self.other_product, self.bin_a), (self.counter, self.product, self.bin_b),
        ):
            message = self._assert_refused(self._send, user, product, PNG, place)
            self.assertIn("did not count", message)
        with self.assertRaises(AccessError):
            self._send(self.outsider)
        self.assertFalse(line.evidence_ids)

    def test_photos_alone(self):
        line = self._close_with((40, self.product)).line_ids
        for file in (b"eA==", b"***", base64.b64encode(b"MZ")):
            self.assertIn("no picture", self._assert_refused(self._send, self.counter, None, file))
        self._assert_refused(self._send, self.counter, None, base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
        self.env["ir.config_parameter"].set_param("web.max_file_upload_size", 10)
        self.assertIn("larger", self._assert_refused(self._send, self.counter))
        self.assertFalse(line.evidence_ids)

    def test_form(self):
        self._close_with((40, self.product))
        self._forget()
        form = Form(self.as_user(self.counter, self.env["stock.cycle.count.photo"]))
        form.location_id, form.product_id, form.file = self.bin_a, self.product, PNG
        self.assertEqual(form.save().action_send()["params"]["type"], "success")

    def test_blindness_is_in_the_log(self):
        log = self.env["stock.cycle.count.audit.log"]

        def get_new():
            found = log.search([("id", ">", last), ("detail", "like", "Blind Count")])
            return [(row.user_name, row.company_id, row.detail) for row in found]

        last = log.search([], limit=1).id
        sheet = self.make_sheet((self.product,))
        self.assertFalse(get_new())
        sheet.with_user(self.supervisor).blind = False
        self.assertEqual(get_new(), [(self.supervisor.name, self.company, f"{sheet.name}: Blind Count: yes > no")])
        last = log.search([], limit=1).id
        opened = self.as_user(self.supervisor, sheet).browse().create({"blind": False, "warehouse_id": self.warehouse.id})
        self.assertEqual(get_new(), [(self.supervisor.name, self.company, f"{opened.name}: Blind Count: no")])
        plan = self.make_plan()
        plan.with_user(self.manager).blind = False
        self.assertIn((self.manager.name, self.company, f"{plan.name}: Blind Count: yes > no"), get_new())
