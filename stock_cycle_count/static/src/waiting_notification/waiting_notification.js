/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Says that differences wait and for whom, until it is closed; one touch opens them, or the decision on them. */
export const waitingNotification = {
    dependencies: ["bus_service", "notification", "action"],
    start(env, { bus_service: bus, notification, action }) {
        bus.subscribe("stock_cycle_count.waiting", ({ title, message, count_ids: ids, decide }) => {
            const open = () => decide ? action.doActionButton({
                type: "object", name: "action_decide", resModel: "stock.cycle.count", resId: ids[0],
            }) : action.doAction({
                type: "ir.actions.act_window",
                name: title,
                res_model: "stock.cycle.count",
                views: ids.length === 1 ? [[false, "form"]] : [[false, "list"], [false, "form"]],
                res_id: ids.length === 1 ? ids[0] : false,
                domain: [["id", "in", ids]],
                target: "current",
            });
            const close = notification.add(message, {
                title,
                type: "warning",
                sticky: true,
                buttons: [{ name: decide ? _t("Decide") : _t("Open"), primary: true, onClick: () => (close(), open()) }],
            });
        });
        bus.start();
    },
};

registry.category("services").add("stock_cycle_count_waiting", waitingNotification);
