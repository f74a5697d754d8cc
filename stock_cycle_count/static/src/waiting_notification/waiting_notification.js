/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * Says that differences wait and for whom, until it is closed; one touch opens them, or the decision on them. Those that
 * the user is asked to decide share one notification, and so do those that the user's own entries left, or they would cover
 * a phone's screen.
 */
export const waitingNotification = {
    dependencies: ["bus_service", "notification", "action"],
    start(env, { bus_service: bus, notification, action }) {
        function show(title, message, name, onClick, onClose) {
            const close = notification.add(message, {
                title,
                type: "warning",
                sticky: true,
                onClose,
                buttons: [{ name, primary: true, onClick: () => (close(), onClick()) }],
            });
            return close;
        }

        /** Tell news of one kind in one notification: the last as it is, several in a sentence for all. */
        function share(showOne, showAll) {
            let told = [];
            let close = () => {};
            return (news) => {
                const all = [...told.filter((one) => String(one.count_ids) !== String(news.count_ids)), news];
                told = all;
                close();
                const onClose = () => {
                    if (told === all) {
                        told = [];
                    }
                };
                close = all.length === 1 ? showOne(news, onClose) : showAll(all, onClose);
            };
        }

        const decide = (id) => action.doActionButton({
            type: "object", name: "action_decide", resModel: "stock.cycle.count", resId: id,
        });
        const open = (title, ids) => action.doAction({
            type: "ir.actions.act_window",
            name: title,
            res_model: "stock.cycle.count",
            views: ids.length === 1 ? [[false, "form"]] : [[false, "list"], [false, "kanban"], [false, "form"]],
            mobile_view_mode: "kanban",
            res_id: ids.length === 1 ? ids[0] : false,
            domain: [["id", "in", ids]],
            target: "current",
        });
        const ask = share(
            ({ title, message, count_ids: ids }, onClose) => show(title, message, _t("Decide"), () => decide(ids[0]), onClose),
            (all, onClose) => show(
                _t("%s sheets wait for you", all.length), all.map((one) => one.title).join(", "), _t("To Approve"),
                () => action.doAction("stock_cycle_count.stock_cycle_count_line_action_approve"), onClose)
        );
        const hold = share(
            ({ title, message, count_ids: ids }, onClose) => show(title, message, _t("Open"), () => open(title, ids), onClose),
            (all, onClose) => {
                const ids = [...new Set(all.flatMap((one) => one.count_ids))];
                const message = _t("Differences out of tolerance wait on %s sheets.", ids.length);
                return show(all[0].title, message, _t("Open"), () => open(all[0].title, ids), onClose);
            }
        );
        bus.subscribe("stock_cycle_count.waiting", (news) => (news.decide ? ask : hold)(news));
        bus.start();
    },
};

registry.category("services").add("stock_cycle_count_waiting", waitingNotification);
