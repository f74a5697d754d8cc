import io
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

TEMPLATE = Path(__file__).parents[1] / "i18n" / "stock_cycle_count.pot"


# Terms are exported of modules that are installed, which this one is not while it is being installed.
@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):

    def test_template_holds_every_term(self):
        """Translators find what the screens say now, and nothing that they no longer say."""
        exported = io.BytesIO()
        with self.assertNoLogs("odoo.tools.translate", "WARNING"):  # a file that cannot be read is left out with an error
            trans_export(False, ["stock_cycle_count"], exported, "po", self.env.cr)
        wanted, held = (
            {entry.msgid for entry in polib.pofile(text)}
            for text in (exported.getvalue().decode(), TEMPLATE.read_text(encoding="utf-8")))
        self.assertEqual(sorted(held - wanted), [], "no longer said; export the template again, see readme/DEVELOP.md")
        self.assertEqual(sorted(wanted - held), [], "not in the template; export it again, see readme/DEVELOP.md")
