import secrets

from odoo import _, api, fields, models
from odoo.tools import format_date

from ... import queries
from ...tools import draw as drawing
from ...tools import notifications

#: So many positions are named in a sentence, and so many sentences are said at once.
NAMED, SAID = 10, 20


class StockCycleCountDraw(models.Model):
    """Which positions of a plan, or which of its empty bins, were drawn at random on a day, and all that it takes to draw them
    again. Rows are added, never changed, by nobody. Empty bins are places of which the books show nothing, and are told by their
    numbers where positions are by theirs.

    The lines of a draw are those whose ``draw_id`` it is: of a product that is tracked, several lines are one position; of a
    bin, whatever is found in it.
    """

    _name = "stock.cycle.count.draw"
    _description = "Random Draw"
    _order = "day desc, id desc"
    _inherit = ["stock.cycle.count.made.mixin", "stock.cycle.count.append.only.mixin"]
    _log_access = False
    _rec_name = "day"

    plan_id = fields.Many2one("stock.cycle.count.plan", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", index=True)
    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="restrict", index=True)
    kind = fields.Selection(
        [("position", "Positions"), ("bin", "Empty bins")], "What Is Drawn", required=True, default="position")
    day = fields.Date(required=True, help="By the calendar of the plan.")
    date = fields.Datetime("Drawn On", required=True, default=fields.Datetime.now)
    answer_by = fields.Date("Count By", required=True, help="What is counted later, or never, is unanswered.")

    # How many
    control_target = fields.Integer("Random Counts a Quarter", required=True)
    daily_capacity = fields.Integer("Counts per Day", required=True)
    workday = fields.Integer("Working Day of the Quarter", required=True)
    workdays = fields.Integer("Working Days of the Quarter", required=True)
    share = fields.Integer(
        "Share (%)", required=True, default=100, help="Of empty bins, how many are drawn beside 100 positions.")
    number = fields.Integer("Drawn", required=True, help="So many positions, or empty bins, were drawn.")

    # From what, and how
    frame_size = fields.Integer("Drawn From", required=True, help="So many active positions or empty bins the plan had that day.")
    frame = fields.Text(
        "Could Be Drawn", required=True,
        help="Numbers of the positions, or of the places that are empty bins, that could be drawn, in order: first-last where "
             "there is no gap.")
    frame_hash = fields.Char(
        "Hash of What Could Be Drawn", required=True, help="SHA-256 of those numbers, with a comma between two of them.")
    method = fields.Char(required=True)
    stored_seed = fields.Char(required=True, groups=fields.NO_ACCESS)
    seed = fields.Char(
        compute="_compute_seed", help="Shown from the day after on: until then it would tell what else is drawn.")
    threshold_hash = fields.Char(
        "Highest Hash Drawn", required=True, help="What has a lower hash, or this one, is drawn; nothing else is.")
    drawn_positions = fields.Text(required=True, help="Numbers of what was drawn, lowest hash first.")
    standing_positions = fields.Text(
        help="Numbers of those among them that stood on a line of an earlier draw or of another company, and so have no line "
             "of this one.")

    # What came of it
    line_ids = fields.One2many("stock.cycle.count.line", "draw_id", "Lines")
    answered_count = fields.Integer(
        "Answered", compute="_compute_answers", help="Positions, or bins, whose lines were all counted in time.")
    unanswered_count = fields.Integer(
        "Unanswered", compute="_compute_answers", help="Positions, or bins, that were not counted in time.")

    _sql_constraints = [("plan_day_unique", "UNIQUE (plan_id, day, kind)", "A plan draws once a day.")]

    def init(self):
        queries.run(self.env, queries.draws.create_secrets())

    @api.depends("plan_id", "day", "kind")
    def _compute_display_name(self):
        for draw in self:
            names = {"name": draw.plan_id.sudo().name, "day": format_date(self.env, draw.day)}
            draw.display_name = "{name}, {day}".format(**names) if draw.kind == "position" else _(
                "%(name)s, %(day)s, empty bins", **names)

    @api.depends("stored_seed", "day")
    def _compute_seed(self):
        for draw in self:
            draw.seed = draw.sudo().stored_seed if draw.day < draw.plan_id.sudo()._get_today() else False

    @api.depends("line_ids.count_date", "line_ids.state")
    def _compute_answers(self):
        answered = dict(queries.run(self.env, queries.answers.answered(self.ids)))
        for draw in self:
            draw.answered_count = answered.get(draw.id, 0)
            is_over = draw.answer_by < draw.plan_id.sudo()._get_today()
            draw.unanswered_count = is_over and (
                draw.number - len(drawing.read_frame(draw.standing_positions or "")) - draw.answered_count)

    # Actions

    def action_verify(self):
        """Make these draws again, and tell whether each comes to the same.

        :return: an action that says what differs, in words
        :raise AccessError: for those who may not read them
        """
        wrong = self._verify()
        if not wrong:
            return notifications.done(_("Drawn again, %(number)s draws come to the same, and all that was drawn has its line.",
                                        number=len(self)) if len(self) > 1 else _(
                "Drawn again, it comes to the same %(number)s of %(size)s %(what)s, and each has its line.",
                number=self.number, size=self.frame_size, what=self._get_unit()))
        said = [f"{draw.display_name}: {' '.join(sentences)}" for draw, sentences in list(wrong.items())[:SAID]]
        return notifications.warning("\n".join(said), _(
            "%(wrong)s of %(number)s draws differ", wrong=len(wrong), number=len(self)) if len(self) > 1 else _(
            "This draw differs"))

    def action_view_lines(self):
        """Open the lines of these draws."""
        action = self.env["ir.actions.actions"]._for_xml_id("stock_cycle_count.stock_cycle_count_line_action")
        return dict(action, domain=[("draw_id", "in", self.ids)], context={})

    # Business

    @api.model
    def _get_seed(self, plan, day, company=None, kind="position"):
        """Seed of a plan's day, from the secret of its company: made when it is asked for first, and read by nobody.

        :param company: that of the plan then, where it may have gone to another one since
        :param kind: what is drawn
        """
        company = company or plan.company_id
        [(secret,)] = queries.run(self.env, queries.draws.read_secret(company.id, secrets.token_hex(32)))
        return drawing.make_seed(secret, plan.id, day, kind)

    @api.model
    def _pick(self, plan, day, ids, number, kind="position"):
        """Seed of a day, and the positions or empty bins that it draws, each after its hash."""
        seed = self._get_seed(plan, day, kind=kind)
        return seed, drawing.pick(seed, ids, number)

    @api.model
    def _keep(self, plan, day, pace, seed, frame, picked, answer_by, standing, kind="position"):
        """Add the row of a draw.

        :param frame: positions, or places of empty bins
        :param standing: those among the drawn that have no line of it
        """
        return self._make([{
            "plan_id": plan.id, "company_id": plan.company_id.id, "warehouse_id": plan.warehouse_id.id, "day": day,
            "answer_by": answer_by, "control_target": pace.target, "daily_capacity": pace.capacity,
            "workday": pace.workday, "workdays": pace.workdays, "share": pace.share, "kind": kind, "number": len(picked),
            "frame_size": len(frame), "frame": drawing.write_frame(frame.ids), "frame_hash": drawing.hash_frame(frame.ids),
            "method": drawing.METHODS[kind], "stored_seed": seed, "threshold_hash": picked[-1][0],
            "drawn_positions": ",".join(str(position_id) for _rank, position_id in picked),
            "standing_positions": drawing.write_frame(standing.ids),
        }])

    def _verify(self):
        """Make these draws again.

        :return: ``{draw: [sentences that say what differs]}``, of those that differ
        :raise AccessError: for those who may not read them
        """
        self.check_access_rights("read")
        self.check_access_rule("read")
        lined = {}
        for draw, position, place in self.env["stock.cycle.count.line"].sudo()._read_group(
                [("draw_id", "in", self.ids)], ["draw_id", "position_id", "location_id"]):
            lined.setdefault(draw.id, set()).add(position.id if draw.kind == "position" else place.id)
        wrong = {}
        for draw in self.sudo():
            try:
                differences = drawing.find_differences(draw._get_drawn(lined.get(draw.id, set())))
            except ValueError:
                differences = {"frame": []}
            if draw.stored_seed != self._get_seed(draw.plan_id, draw.day, draw.company_id, draw.kind):
                differences = {"seed": [], **differences}
            if differences:
                wrong[draw.with_env(self.env)] = [
                    draw._say_difference(name, *pair) for name, pair in differences.items()]
        return wrong

    def _get_drawn(self, lined):
        """The draw as its check wants it.

        :param lined: numbers of the positions, or of the places, that have a line of it
        """
        return drawing.Drawn(
            self.stored_seed,
            drawing.Pace(self.control_target, self.daily_capacity, self.workday, self.workdays, self.share),
            self.number, self.frame, self.frame_size, self.frame_hash, self.threshold_hash,
            drawing.read_frame(self.drawn_positions),
            lined.union(drawing.read_frame(self.standing_positions or "")))

    def _get_unit(self):
        """What is drawn, in words."""
        return _("places") if self.kind == "bin" else _("positions")

    def _say_difference(self, name, told=None, found=None):
        """What differs, in words.

        :param told: what the draw says; of positions, those that should not be there
        :param found: what it should say; of positions, those that are missing
        """
        what = self._get_unit()
        if name in ("positions", "lines"):
            extra, missing = self._name_positions(told), self._name_positions(found)
            sentences = {
                "positions": (_("Drawn, but should not be: %(what)s %(numbers)s.", what=what, numbers=extra),
                              _("Not drawn, but should be: %(what)s %(numbers)s.", what=what, numbers=missing)),
                "lines": (_("With a line, but not drawn: %(what)s %(numbers)s.", what=what, numbers=extra),
                          _("Drawn, but without a line: %(what)s %(numbers)s.", what=what, numbers=missing)),
            }[name]
            return " ".join(sentence for sentence, numbers in zip(sentences, (told, found)) if numbers)
        return {
            "seed": _("Its seed is not the one that follows from the company's secret, the plan and the day."),
            "frame": _("The lists of what could be drawn, and of what was, cannot be read."),
            "number": _("%(told)s %(what)s were drawn, where %(found)s were to be.", what=what, told=told, found=found),
            "frame_size": _("The list of what could be drawn has %(found)s %(what)s, not %(told)s.", what=what, told=told,
                            found=found),
            "frame_hash": _("The list of what could be drawn is not the one whose hash was kept."),
            "threshold": _("The highest hash is not the one that was kept."),
        }[name]

    @api.model
    def _name_positions(self, numbers):
        """Numbers of positions for people, the first of many."""
        more = ", …" if len(numbers) > NAMED else ""
        return ", ".join(str(number or _("deleted")) for number in numbers[:NAMED]) + more
