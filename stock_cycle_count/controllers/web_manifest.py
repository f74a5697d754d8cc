import json

from odoo import _, http
from odoo.http import request

from odoo.addons.web.controllers.webmanifest import WebManifest

SCANNER = "stock_cycle_count.stock_cycle_count_scanner_action"


class CountWebManifest(WebManifest):
    """Odoo on the home screen of a phone: the scanner, for whoever lands there after login; for others who count it is
    among the shortcuts. Logged out, Odoo asks for the login first.
    """

    def _get_shortcuts(self):
        shortcuts = super()._get_shortcuts()
        if request.env.user.has_group("stock_cycle_count.group_counter"):
            shortcuts.append({
                "name": _("Scan"), "url": f"/web#action={SCANNER}", "description": _("Count with the scanner"),
                "icons": self._get_count_icons()})
        return shortcuts

    @http.route()
    def webmanifest(self):
        response = super().webmanifest()
        home = request.env.user.sudo().action_id
        if home and home.id == request.env.ref(SCANNER).id:
            manifest = json.loads(response.data)
            manifest.update(name=_("Cycle Counting"), short_name=_("Counting"), icons=self._get_count_icons())
            response.data = json.dumps(manifest)
        return response

    def _get_count_icons(self):
        return [
            {"src": f"/stock_cycle_count/static/img/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)]
