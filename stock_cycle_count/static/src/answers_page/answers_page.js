/** @odoo-module **/

import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { CauseBars, RateBars } from "../answers_bars/answers_bars";
import { AnswersChart } from "../answers_chart/answers_chart";
import { AnswersTile } from "../answers_tile/answers_tile";
import { Component, onWillStart, useState } from "@odoo/owl";

/** What is shown to who never chose. */
const DEFAULT_FILTERS = { days: 90, warehouse_ids: [], plan_ids: [] };

/** Seven answers for who oversees counting, in the order in which they are asked. */
export class AnswersPage extends Component {
    static template = "stock_cycle_count.AnswersPage";
    static components = { AnswersTile, AnswersChart, CauseBars, RateBars };
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.user = useService("user");
        this.keepLast = new KeepLast();
        this.state = useState({ page: null, isBusy: false });
        this.periods = [
            [30, _t("30 days")],
            [90, _t("90 days")],
            [365, _t("12 months")],
        ];
        onWillStart(() => this.start());
    }

    /** Open the page as it was left, unless what was chosen then is gone, or of a company that is not looked at now. */
    async start() {
        const filters = this.user.settings && this.user.settings.cycle_count_filters;
        const page = filters && (await this.ask(filters).catch(() => null));
        this.state.page = page && this.areKnown(page) ? page : await this.ask(DEFAULT_FILTERS);
    }

    /** Whether a page offers all that it is filtered by. */
    areKnown({ filters, choices }) {
        const isKnown = (ids, offered) => ids.every((id) => offered.some(([known]) => known === id));
        return isKnown(filters.warehouse_ids, choices.warehouses) && isKnown(filters.plan_ids, choices.plans);
    }

    ask(filters) {
        return this.orm.call("stock.cycle.count.answers", "get_page", [filters]);
    }

    get asOf() {
        return formatDateTime(deserializeDateTime(this.state.page.as_of), { format: "t" });
    }

    findTile(name) {
        return this.state.page.tiles.find((tile) => tile.name === name);
    }

    async onFilter(change) {
        const filters = { ...this.state.page.filters, ...change };
        this.state.isBusy = true;
        try {
            this.state.page = await this.keepLast.add(this.ask(filters));
        } finally {
            this.state.isBusy = false;
        }
        this.user.setUserSettings("cycle_count_filters", this.state.page.filters);
    }

    onChooseDays(value) {
        return this.onFilter({ days: Number(value) });
    }

    onChoose(name, value) {
        return this.onFilter({ [name]: value ? [Number(value)] : [] });
    }

    /** Open the records behind a tile, or those of a part of it. */
    onOpen(tile, domain, label) {
        const part = domain && { domain, name: `${tile.title}: ${label}` };
        this.action.doAction({ ...tile.action, ...part });
    }

    /** Give a cause somebody who changes it. */
    onOwn({ cause, label }) {
        const { warehouse_ids } = this.state.page.filters;
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Root Cause"),
            res_model: "stock.cycle.count.cause",
            views: [[false, "form"]],
            context: {
                default_name: label,
                default_root_cause: cause,
                ...(warehouse_ids.length === 1 && { default_warehouse_id: warehouse_ids[0] }),
            },
        });
    }
}
