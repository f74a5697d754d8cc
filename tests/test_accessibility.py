"""What axe-core says of the screens that people look at all day, at a desk and on a phone: nothing serious.

It is asked about what this addon shows; Odoo's own bars, and the boxes and menus that Odoo adds to every list, are Odoo's.
The package ``axe-core-python`` brings it.
"""

import importlib.resources
import json
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.stock_cycle_count.tests.common import SCREEN_SIZES
from odoo.addons.stock_cycle_count.tests.common_gate import GateCase

AXE = importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_bytes()
ODOOS = (".o_control_panel", ".o_list_record_selector", ".o_optional_columns_dropdown")
#: Screens by who looks at them: actions, and what is there once they are shown.
SCREENS = {
    "supervisor": {
        "stock_cycle_count_today_action": ".o_answers_tile .o_answers_bar",
        "stock_cycle_count_line_action_approve": ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)",
    },
    "counter": {
        "stock_cycle_count_today_action": ".o_my_day",
        "stock_cycle_count_scanner_action": ".o_scanner_sheet",
    },
}
CHECK = """
(async () => {
    const appear = async (selector) => {
        while (!document.querySelector(selector)) {
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
    };
    const check = async () => {
        const present = %(odoos)s.filter((selector) => document.querySelector(selector)).map((selector) => [selector]);
        const { violations, passes } = await axe.run({ include: [[".o_action_manager"]], exclude: present });
        if (!passes.length) {
            throw new Error("axe looked at nothing");
        }
        return violations
            .filter(({ impact }) => ["serious", "critical"].includes(impact))
            .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
    };
    const script = Object.assign(document.createElement("script"), { src: "/web/content/%(axe)s" });
    document.head.append(script);
    await new Promise((resolve) => script.addEventListener("load", resolve));
    const found = [];
    // From the first screen of the scanner to a bin that is being counted.
    const count = async () => {
        const steps = [[".o_scanner_sheet", ".o_scanner_location"], [".o_scanner_location", ".o_scanner_chip"]];
        for (const [pressed, shown] of steps) {
            document.querySelector(pressed).click();
            await appear(shown);
            found.push(...(await check()));
        }
    };
    for (const [action, selector] of Object.entries(%(screens)s)) {
        await odoo.__WOWL_DEBUG__.root.env.services.action.doAction(`stock_cycle_count.${action}`);
        await appear(selector);
        found.push(...(await check()));
        const dark = document.querySelector(".o_scanner_dark_switch");
        if (dark) {
            await count();
            document.querySelector(".o_scanner_back").click();
            await appear(".o_scanner_location");
            document.querySelector(".o_scanner_back").click();
            await appear(".o_scanner_dark_switch");
            document.querySelector(".o_scanner_dark_switch").click();
            await appear(".o_scanner_dark");
            found.push(...(await check()));
            await count();
        }
    }
    if (found.length) {
        console.error(found.join("\\n"));
    } else {
        console.log("test successful");
    }
})();
"""


@tagged("post_install", "-at_install")
class TestAccessibility(GateCase, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_plan()
        cls.receive(cls.other_product, cls.bin_b, 20)
        cls.axe = cls.env["ir.attachment"].create(
            {"name": "axe.js", "raw": AXE, "mimetype": "application/javascript", "public": True})

    def setUp(self):
        super().setUp()
        self._close_with((90, self.product))
        booked = self._close_with((5, self.other_product, self.bin_b))
        self._approve(booked.line_ids, self.supervisor)
        booked.with_user(self.supervisor).action_finalize()
        serials = self.serial | self.serial.copy({"name": "S-2"}) | self.serial.copy({"name": "S-3"})
        sheet = self.make_sheet(*((self.serial_product, self.bin_b, serial) for serial in serials), (self.product, self.bin_c),
                                start=True)
        for line, quantity in zip(sheet.line_ids, (1, 0)):
            self.count(line, quantity)
        self.make_sheet((self.other_product, self.bin_c))

    def _check(self, role):
        code = CHECK % {"odoos": json.dumps(ODOOS), "axe": self.axe.id, "screens": json.dumps(SCREENS[role])}
        for size in SCREEN_SIZES:
            with self.subTest(size=size), patch.object(type(self), "browser_size", size):
                self.browser_js(
                    "/web", code, "Boolean(document.querySelector('.o_main_navbar'))", login=self.users[role].login)

    def test_screens_of_supervisors(self):
        self._check("supervisor")

    def test_screens_of_counters(self):
        self._check("counter")
