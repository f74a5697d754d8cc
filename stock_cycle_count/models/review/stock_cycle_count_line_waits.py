from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.tools import format_datetime

from ...tools import asking, waits
from ...tools.words import say_number
from ..constants import OPEN_STATES

#: Role that gives the right to decide on each level.
LEVEL_ROLES = {1: "stock_cycle_count.group_supervisor", 2: "stock_cycle_count.group_controller"}
#: So many people are named; the others are counted.
MOST_NAMES = 3
#: Lines of which a product or a location says what they wait for.
MOST_LOOKED_AT = 100


class StockCycleCountLineWaits(models.AbstractModel):
    """Who acts next on a line, as one sentence with names. Whoever counted a blind sheet reads nothing of what became of it.
    """

    _name = "stock.cycle.count.line.waits"
    _description = "Who Acts Next on a Count Line"

    waits_for = fields.Char("Who Acts Next", compute="_compute_waits_for")
    nobody_decides = fields.Boolean(
        compute="_compute_nobody_decides", groups="stock_cycle_count.group_approver",
        help="It waits for a decision, and nobody has the role or the distance to make it.")

    # Of all that it says only what changes within a request: scans would pay for more.
    @api.depends("state")
    @api.depends_context("uid", "lang", "tz")
    def _compute_waits_for(self):
        told = self.filtered(lambda line: line._origin and line.count_id._tells_results())
        asked = told._get_asked()
        for line in self:
            line.waits_for = line._phrase_waits(asked.get(line)) if line in told else line._phrase_blind()

    @api.depends("state")
    def _compute_nobody_decides(self):
        asked = self._get_asked()
        for line in self:
            line.nobody_decides = line in asked and not asked[line]

    # Who decides

    def _get_pending_level(self):
        """Level that decides on the line next."""
        return min(len(self._get_valid_approvals()) + 1, max(self.sudo().approval_level, 1))

    def _get_asked(self):
        """Who is asked to decide on those of these lines that wait for a decision: ``{line: users}``."""
        waiting = self.sudo().filtered(lambda line: line.state == "to_approve" or line._has_post_error())
        if not waiting:
            return {}
        board = waiting._read_board()
        asked = {}
        for line in waiting:
            _able, chosen = line._get_deciders(board)
            level = line._get_pending_level()
            seniors = board.users[level + 1].ids if level + 1 in board.users else ()
            asked[self.browse(line.id)] = chosen.browse(asking.widen(chosen.ids, line.reminder_step, set(seniors)))
        return asked

    def _read_board(self):
        """Who may be asked about these lines, and what of them decides on that, read for all at once: what belongs to one line
        knows nothing of the others.
        """
        self.entry_ids.fetch(["user_id", "round"])
        self.approval_ids.fetch(["decision", "user_id"])
        return self.count_id._get_board(self.company_id)

    def _get_deciders(self, board):
        """Who may decide on the line now, and after whom of them somebody is left for the next level.

        :param board: see ``_read_board``
        """
        level = self._get_pending_level()
        able = self.count_id._get_approvers(level, self, board)
        return able, self._leave_next_level(able, board) if level < self.approval_level else able

    def _leave_next_level(self, approvers, board):
        """Those of the people who may decide now after whom somebody is left for the next level; all where nobody is."""
        count = self.count_id
        seniors = count._get_approvers(self._get_pending_level() + 1, self, board)
        waived = count.company_id.cycle_count_self_approval
        return approvers.filtered(
            lambda user: waived or seniors.filtered(lambda senior: not user._is_same_person(senior))) or approvers

    def _get_dead_ends(self):
        """Which of these lines this user leaves to somebody else, so that somebody is left for the next level:
        ``{line: sentence}``.
        """
        found = {}
        lines = self.sudo().filtered(lambda line: line._get_pending_level() < line.approval_level)
        board = lines and lines._read_board()
        for line in lines:
            able, chosen = line._get_deciders(board)
            if self.env.user in able - chosen:
                level = line._get_pending_level()
                found[self.browse(line.id)] = _(
                    "nobody else may decide on level %(next)s, so leave level %(level)s to %(people)s.",
                    next=level + 1, level=level, people=line._phrase_people(chosen))
        return found

    # As a sentence

    def _phrase_waits(self, asked):
        """The sentence for whoever may know what became of the line.

        :param asked: users who are asked to decide; None when nothing is to be decided
        """
        line = self.sudo()
        count = line.count_id
        step = waits.line_step(line.state, count.state, bool(line.user_id), line._is_blocked())
        if step == "decide":
            return line._phrase_decision(asked)
        if step == "solve":
            return _("Waits for a supervisor: %(cause)s", cause=line.post_error or line._why_not_without_cause())
        if step in ("posted", "rejected"):
            return line._phrase_end(step)
        if step == "recount":
            return _("Waits for a recount by %(people)s.", people=line._phrase_people(line.user_id))
        person = line._phrase_people(line.user_id or count.user_id) or _("whoever takes the sheet")
        return {
            "start": _("Waits for %(people)s to start the sheet.", people=person),
            "count": _("Waits for a count by %(people)s.", people=person),
            "close": _("Counted. Waits for %(people)s to close the sheet.", people=person),
            "choose": _("Waits for a supervisor to choose who recounts it."),
            "finalize": _("Waits for a supervisor to finalize the sheet."),
            "cancel": _("Not counted here any more."),
        }[step]

    def _phrase_decision(self, asked):
        """Who decides on the line, or that nobody may and what helps."""
        level = self._get_pending_level()
        if asked:
            return _("Waits for %(people)s (level %(level)s).", people=self._phrase_people(asked), level=level)
        return _(
            "Nobody may decide on level %(level)s: give somebody the role %(role)s, or allow self-approval.",
            level=level, role=self.env.ref(LEVEL_ROLES[level]).sudo().name)

    def _phrase_end(self, step):
        """How the line ended, and by whom."""
        decisions = self.approval_ids
        people = self._phrase_people(decisions.filtered(
            lambda row: row.decision == ("reject" if step == "rejected" else "approve")).user_id, are_all=True)
        if step == "rejected":
            return _("Rejected by %(people)s. Nothing was posted.", people=people)
        moment = format_datetime(self.env, self.post_date, dt_format="short")
        if people and self.verdict == "approval":
            return _("Approved by %(people)s, posted on %(moment)s.", people=people, moment=moment)
        if self.verdict == "match":
            return _("Counted as expected, on %(moment)s.", moment=moment)
        return _("Within tolerance, posted on %(moment)s.", moment=moment)

    def _phrase_blind(self):
        """The sentence for whoever counted blind: of what is still to be counted alone."""
        line = self.sudo()
        if line.state == "recount" and line.user_id in (self.env.user, line.user_id.browse()):
            return _("Waits for a recount by %(people)s.", people=self._phrase_people(self.env.user))
        if line.state == "pending":
            return _("Waits to be counted.")
        return _("Counted. Thank you.")

    def _is_blocked(self):
        """Whether something is missing before a line that was counted or approved can be posted."""
        line = self.sudo()
        return bool(line.post_error) or line.state == "counted" and bool(line.verdict) and bool(line._why_not_without_cause())

    @api.model
    def _phrase_people(self, users, are_all=False):
        """Names of users, of many only the first; whoever reads it is *you*.

        :param are_all: whether it is said of each of them, rather than of one of them
        """
        reader = self.env.user if self.env.uid != SUPERUSER_ID else users.browse()
        ordered = (users & reader) | users
        names = [_("you") if user == reader else user.name for user in ordered.sudo()]
        if len(names) > MOST_NAMES:
            return _("%(names)s and %(others)s", names=", ".join(names[:MOST_NAMES]), others=say_number(
                self.env, len(names) - MOST_NAMES, _("1 other"), _("%s others")))
        if len(names) > 1:
            first, last = ", ".join(names[:-1]), names[-1]
            return _("%(names)s and %(last)s", names=first, last=last) if are_all else _(
                "%(names)s or %(last)s", names=first, last=last)
        return "".join(names)

    @api.model
    def _get_badges(self, name, records):
        """What open counts of some products or locations wait for: ``{record: sentences}``.

        :param name: field of the line that names them
        """
        lines = self.search([(name, "in", records.ids), ("state", "in", OPEN_STATES)], limit=MOST_LOOKED_AT)
        return {
            record: " ".join(list(dict.fromkeys(own.mapped("waits_for")))[:MOST_NAMES])
            for record, own in lines.grouped(name).items()}

    # What helps where nobody may decide

    def action_give_role(self):
        """Open the users, to give somebody the role that is missing."""
        return self.count_id.action_give_role()

    def action_allow_self_approval(self):
        """Let whoever counted decide, in the companies of these lines; see the sheet."""
        return self.count_id.action_allow_self_approval()
