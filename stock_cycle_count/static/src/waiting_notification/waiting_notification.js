/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * Says that differences wait and for whom, until it is closed; one touch opens them, or the decision on them. Those that
 * the user is asked to decide share one notification, or they would cover a phone's screen.
 */
export const waitingNotification = {
    dependencies: ["bus_service", "notification", "action"],
    start(env, { bus_service: bus, notification, action }) {
        let asked = [];
        let closeAsked = () => {};

        function show(title, message, name, onClick, onClose = () => {}) {
            const close = notification.add(message, {
                title,
                type: "warning",
                sticky: true,
                onClose,
                buttons: [{ name, primary: true, onClick: () => (close(), onClick()) }],
            });
            return close;
        }

        function ask(news) {
            const sheets = [...asked.filter((one) => one.title !== news.title), news];
            asked = sheets;
            closeAsked();
            const onClose = () => {
                if (asked === sheets) {
                    asked = [];
                }
            };
            const decide = () => action.doActionButton({
                type: "object", name: "action_decide", resModel: "stock.cycle.count", resId: news.count_ids[0],
            });
            const openAll = () => action.doAction("stock_cycle_count.stock_cycle_count_line_action_approve");
            closeAsked = sheets.length === 1
                ? show(news.title, news.message, _t("Decide"), decide, onClose)
                : show(_t("%s sheets wait for you", sheets.length), sheets.map((one) => one.title).join(", "),
                    _t("To Approve"), openAll, onClose);
        }

        bus.subscribe("stock_cycle_count.waiting", (news) => {
            const { title, message, count_ids: ids, decide } = news;
            if (decide) {
                ask(news);
                return;
            }
            show(title, message, _t("Open"), () => action.doAction({
                type: "ir.actions.act_window",
                name: title,
                res_model: "stock.cycle.count",
                views: ids.length === 1 ? [[false, "form"]] : [[false, "list"], [false, "form"]],
                res_id: ids.length === 1 ? ids[0] : false,
                domain: [["id", "in", ids]],
                target: "current",
            }));
        });
        bus.start();
    },
};

registry.category("services").add("stock_cycle_count_waiting", waitingNotification);
