"""Two people answer one hint, or end one root cause, at the same moment: one does, the other is told, and both see the same."""

import functools

import pytest

from .servers import at_once, served, shell

pytestmark = pytest.mark.long

#: So many hints and root causes of each kind of meeting.
ROUNDS = 6
PEOPLE = ("at_once_supervisor", "at_once_controller")

WORLD = """
groups = {name: env.ref(f"stock_cycle_count.group_{name.rpartition('_')[2]}") for name in PEOPLE}
for name, group in groups.items():
    env["res.users"].create({"name": name, "login": name, "password": name, "groups_id": [(6, 0, group.ids)]})
warehouse = env["stock.warehouse"].search([], limit=1)
env["stock.cycle.count.plan"].create({
    "name": "At Once", "warehouse_id": warehouse.id, "control_target": 0,
    "counter_ids": [(6, 0, env.ref("base.user_admin").ids)]})
env.ref("base.user_admin").groups_id |= env.ref("stock_cycle_count.group_counter")
for number in range(5 * ROUNDS):
    product = env["product.product"].create({"name": f"Part {number}", "type": "product"})
    place = env["stock.location"].create({"name": f"Place {number}", "location_id": warehouse.lot_stock_id.id})
    env["stock.quant"]._update_available_quantity(product, place, 3)
    env["stock.cycle.count.hint"].create({
        "company_id": env.company.id, "kind": "phantom", "subject": str(number), "product_id": product.id,
        "location_id": place.id, "facts": {"quantity": 3, "moves": 9, "days": 60}})
    env["stock.cycle.count.cause"].create({"name": f"Cause {number}", "root_cause": "picking", "change": "A scan",
                                           "user_id": env.ref("base.user_admin").id})
env["stock.cycle.count.plan"].search([]).action_schedule()
env.cr.commit()
"""


class Meeting:
    """Two people who act at the same moments."""

    def __init__(self, login):
        self.admin = login("admin", "admin")
        self.clients = [login(name, name) for name in PEOPLE]

    def act(self, model, ids, *ways):
        """What becomes of each record when each person does one thing: see ``at_once``."""
        return at_once(ids, *(functools.partial(way, client, model) for client, way in zip(self.clients, ways)))

    def read(self, model, ids, fields):
        return {row["id"]: row for row in self.admin.call(model, "read", ids, fields)}


def call(method, *args):
    return lambda client, model, record: client.call(model, method, [record], *args)


def test_two_answer_at_once(database, tmp_path):
    shell(database, f"ROUNDS, PEOPLE = {ROUNDS}, {PEOPLE}\n{WORLD}")
    with served(database, tmp_path / "odoo.log") as login:
        meeting = Meeting(login)
        hints = meeting.admin.call("stock.cycle.count.hint", "search", [])
        causes = meeting.admin.call("stock.cycle.count.cause", "search", [])
        hints, causes = ([ids[start:start + ROUNDS] for start in range(0, 5 * ROUNDS, ROUNDS)] for ids in (hints, causes))
        check_dismissed(meeting, hints[0])
        check_dismissed_and_made_a_cause(meeting, hints[1])
        check_counted(meeting, hints[2])
        check_dismissed_and_counted(meeting, hints[3])
        check_closed(meeting, causes[0])
        check_closed_and_changed(meeting, causes[1])
        check_closed_and_deleted(meeting, causes[2])


def check_dismissed(meeting, hints):
    """One dismisses it, and it says what that one said."""
    told = meeting.act(
        "stock.cycle.count.hint", hints, call("action_dismiss", "known", "mine"), call("action_dismiss", "not_so", "his"))
    rows = meeting.read("stock.cycle.count.hint", hints, ["state", "dismissal", "dismissal_note", "dismissed_by_id", "verdict"])
    for hint, answers in zip(hints, told):
        [winner] = [person for person, (done, _answer) in enumerate(answers) if done]
        assert "not open: Dismissed" in answers[1 - winner][1]
        row = rows[hint]
        assert (row["dismissal"], row["dismissal_note"], row["verdict"]) == (
            ("known", "mine", False), ("not_so", "his", "wrong"))[winner]
        assert row["dismissed_by_id"][1] == PEOPLE[winner]


def make_cause(client, _model, hint):
    return client.call("stock.cycle.count.cause", "create", {"name": "Found", "root_cause": "theft", "hint_id": hint})


def check_dismissed_and_made_a_cause(meeting, hints):
    """Whoever makes a root cause does; who dismisses does before, or is told that there is one."""
    told = meeting.act("stock.cycle.count.hint", hints, call("action_dismiss", "not_so"), make_cause)
    rows = meeting.read("stock.cycle.count.hint", hints, ["state", "verdict", "dismissal", "cause_ids"])
    for hint, ((dismissed, message), (made, cause)) in zip(hints, told):
        row = rows[hint]
        assert made and row["cause_ids"] == [cause] and row["state"] == "cause"
        assert dismissed or "not open: Root Cause Made" in message
        assert (row["dismissal"], row["verdict"]) == (("not_so", "wrong") if dismissed else (False, "right"))


def check_counted(meeting, hints):
    """Each place stands on one open line, whoever asked."""
    told = meeting.act("stock.cycle.count.hint", hints, call("action_count"), call("action_count"))
    assert all(done for answers in told for done, _answer in answers), told
    check_lines(meeting, hints)


def check_lines(meeting, hints):
    rows = meeting.read("stock.cycle.count.hint", hints, ["product_id", "count_date"])
    for row in rows.values():
        assert row["count_date"]
        assert meeting.admin.call("stock.cycle.count.line", "search_count", [
            ("product_id", "=", row["product_id"][0]), ("state", "=", "pending")]) == 1


def check_dismissed_and_counted(meeting, hints):
    """Neither stands in the other's way."""
    told = meeting.act("stock.cycle.count.hint", hints, call("action_dismiss", "small"), call("action_count"))
    assert all(done for answers in told for done, _answer in answers), told
    check_lines(meeting, hints)
    assert {row["state"] for row in meeting.read("stock.cycle.count.hint", hints, ["state"]).values()} == {"dismissed"}


def check_closed(meeting, causes):
    """One closes it."""
    told = meeting.act("stock.cycle.count.cause", causes, call("action_close"), call("action_close"))
    rows = meeting.read("stock.cycle.count.cause", causes, ["state", "closed_by_id"])
    for cause, answers in zip(causes, told):
        [winner] = [person for person, (done, _answer) in enumerate(answers) if done]
        assert "done already" in answers[1 - winner][1]
        assert (rows[cause]["state"], rows[cause]["closed_by_id"][1]) == ("done", PEOPLE[winner])


def check_closed_and_changed(meeting, causes):
    """What does not say any more what was changed is not closed, and what is closed goes on saying it."""
    told = meeting.act("stock.cycle.count.cause", causes, call("action_close"), call("write", {"change": False}))
    rows = meeting.read("stock.cycle.count.cause", causes, ["state", "change"])
    for cause, answers in zip(causes, told):
        closed, _answer = answers[0]
        [refusal] = [answer for done, answer in answers if not done]
        assert "say what was changed" in refusal
        assert (rows[cause]["state"], rows[cause]["change"]) == (("done", "A scan") if closed else ("open", False))


def check_closed_and_deleted(meeting, causes):
    """It is done and stays, or gone."""
    told = meeting.act("stock.cycle.count.cause", causes, call("action_close"), call("unlink"))
    left = set(meeting.admin.call("stock.cycle.count.cause", "search", [("id", "in", causes)]))
    for cause, ((closed, _message), (deleted, message)) in zip(causes, told):
        assert closed != deleted and (cause in left) == closed
        assert deleted or "stays" in message
