import base64
import binascii

from odoo import _, api, fields, models
from odoo.exceptions import UserError
from odoo.http import DEFAULT_MAX_CONTENT_LENGTH
from odoo.tools.mimetypes import guess_mimetype

from ..tools import notifications

#: What is taken: pictures, and papers that were scanned. Pictures that are programs are none.
KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "application/pdf")


class StockCycleCountPhoto(models.TransientModel):
    """Takes a photo from whoever counted something, also when the sheet is closed and not shown any more. It is not shown
    again, and the answer is the same whatever became of the count.
    """

    _name = "stock.cycle.count.photo"
    _inherit = "stock.cycle.count.request.mixin"
    _description = "Add a Photo to a Count"

    location_id = fields.Many2one(
        "stock.location", "Location", required=True, ondelete="cascade", domain="[('usage', 'in', ('internal', 'transit'))]",
        default=lambda self: self._find_last_line().location_id)
    product_id = fields.Many2one(
        "product.product", "Product", required=True, ondelete="cascade", domain="[('type', '=', 'product')]",
        default=lambda self: self._find_last_line().product_id)
    file = fields.Binary("Photo", required=True, attachment=False)
    file_name = fields.Char("File Name")

    def action_send(self):
        """Add the photo to what the user counted there last.

        :raise UserError: when the user did not count it, and for what is no photo
        """
        self.ensure_one()
        content = self._get_content()
        line = self._find_line()
        line._take_photo(self.file_name or _("Photo"), content)
        # Nothing is kept of it here.
        self.unlink()
        return notifications.done(_("Sent, thank you. Whoever decides on a difference there sees it."))

    def _find_line(self):
        """Line that the user counted last, as superuser.

        :raise UserError: when there is none
        """
        line = self._find_last_line([
            ("line_id.location_id", "=", self.location_id.id), ("line_id.product_id", "=", self.product_id.id)])
        if not line:
            raise UserError(_(
                "You did not count %(product)s in %(location)s. Choose what you counted, and where.",
                product=self.product_id.display_name, location=self.location_id.display_name))
        return line

    @api.model
    def _find_last_line(self, domain=()):
        """Line that the user counted last, of those whose entries a domain finds, as superuser; none where there is none."""
        return self.env["stock.cycle.count.entry"].sudo().search([
            ("user_id", "=", self.env.uid), ("company_id", "in", self.env.user._get_company_ids()), *domain],
            order="id DESC", limit=1).line_id

    def _get_content(self):
        """The file.

        :raise UserError: when it is too large, or no picture
        """
        try:
            content = base64.b64decode(self.file or b"", validate=True)
        except binascii.Error:
            content = b""
        largest = int(self.env["ir.config_parameter"].sudo().get_param(
            "web.max_file_upload_size", DEFAULT_MAX_CONTENT_LENGTH))
        if len(content) > largest:
            raise UserError(_("This file is larger than %(size)s MB. Send a smaller one.", size=largest >> 20))
        if guess_mimetype(content) not in KINDS:
            raise UserError(_("This file is no picture. Send a photo, or a PDF."))
        return content
