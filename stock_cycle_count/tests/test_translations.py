import io
import re
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

ADDON = Path(__file__).parents[1]
TEMPLATE = ADDON / "i18n" / "stock_cycle_count.pot"
DEMO = sorted((ADDON / "demo").iterdir())


# Terms are exported of modules that are installed, which this one is not while it is being installed.
@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):

    def test_template_holds_every_term(self):
        """Translators find what the screens say now, and nothing that they no longer say."""
        exported = io.BytesIO()
        with self.assertNoLogs("odoo.tools.translate", "WARNING"):  # a file that cannot be read is left out with an error
            trans_export(False, ["stock_cycle_count"], exported, "po", self.env.cr)
        # Demo data, where it is installed, is exported too, and not translated.
        demo = set(re.findall(
            r'(?:\bid="|^)(\w+)[",]', "".join(path.read_text(encoding="utf-8") for path in DEMO), flags=re.MULTILINE))
        wanted, held = (
            {entry.msgid for entry in polib.pofile(text) if not self._is_said_by(demo, entry)}
            for text in (exported.getvalue().decode(), TEMPLATE.read_text(encoding="utf-8")))
        self.assertEqual(sorted(held - wanted), [], "no longer said; export the template again, see readme/DEVELOP.md")
        self.assertEqual(sorted(wanted - held), [], "not in the template; export it again, see readme/DEVELOP.md")

    @staticmethod
    def _is_said_by(ids, entry):
        """Whether a term is said by records with these XML IDs, or the templates of such products, and by nothing else."""
        places = [re.search(r"stock_cycle_count\.(\w+?)(?:_product_template)?$", place) for place, _line in entry.occurrences]
        return all(place and place.group(1) in ids for place in places)
