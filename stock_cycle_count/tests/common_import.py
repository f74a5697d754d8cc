from .common import CountCase

#: What the client sends with a file, besides the mapping of its columns.
OPTIONS = {
    "quoting": '"', "separator": "", "encoding": "", "has_headers": True, "advanced": True, "keep_matches": False,
    "sheets": [], "sheet": "", "skip": 0, "date_format": "", "datetime_format": "", "float_thousand_separator": ",",
    "float_decimal_separator": "."}
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportCase(CountCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.barcode = "5901234123457"
        cls.receive(cls.product, cls.bin_a, 40)
        cls.sheet = cls.make_sheet(
            (cls.product,), (cls.other_product,), (cls.lot_product, cls.bin_a, cls.lot),
            (cls.lot_product, cls.bin_a, cls.other_lot), (cls.serial_product, cls.bin_b, cls.serial),
            (cls.product, cls.bin_b))
        cls.line, cls.gadget_line, cls.lot_line, cls.other_lot_line, cls.serial_line, cls.line_b = cls.sheet.line_ids
        cls.sheet.with_user(cls.counter).action_start()

    def _load(self, names, *rows, user=None, sheet=None, **context):
        """Load rows as a user, from the sheet that is given."""
        sheet = self.sheet if sheet is None else sheet
        Line = self.env["stock.cycle.count.line"].with_user(user or self.counter)
        result = Line.with_context(default_count_id=sheet.id, **context).load(names.split(), [list(row) for row in rows])
        self.env.invalidate_all()
        return result

    def _import(self, content, kind=CSV, user=None, dryrun=False, **options):
        """Import a file as the client does: preview, take the mapping that is suggested, execute."""
        wizard = self.env["base_import.import"].with_user(user or self.counter).with_context(
            default_count_id=self.sheet.id).create(
            {"res_model": "stock.cycle.count.line", "file": content, "file_type": kind})
        preview = wizard.parse_preview(dict(OPTIONS, **options))
        self.assertFalse(preview.get("error"))
        names = ["/".join(preview["matches"].get(index) or []) or False for index in range(len(preview["headers"]))]
        self.mapping = dict(zip(preview["headers"], names))
        result = wizard.execute_import(
            names, [header.lower() for header in preview["headers"]], preview["options"], dryrun=dryrun)
        self.env.invalidate_all()
        return result

    def assertRefused(self, result, *texts):
        """The load took nothing and said so: one message a row, each with its texts."""
        self.assertFalse(result["ids"])
        messages = [message["message"] for message in result["messages"]]
        self.assertEqual(len(messages), len(texts), messages)
        for message, text in zip(messages, texts):
            self.assertIn(text, message)
        self.assertTrue(all(message["type"] == "error" for message in result["messages"]))
        self.assertFalse(self.sheet.line_ids.entry_ids)
        self.assertEqual(len(self.sheet.line_ids), 6)
