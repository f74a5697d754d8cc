/** @odoo-module **/

import { Layout } from "@web/search/layout";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { AnswersPage } from "../answers_page/answers_page";
import { MyDay } from "../my_day/my_day";
import { Component, onWillStart, useState } from "@odoo/owl";

/** What is worth a colour as soon as there is one of it. */
const ALERTING = ["late", "approve"];

/** A card for each warehouse: what is due, late, being counted, waiting for a decision, and was never counted. */
export class CountCards extends Component {
    static template = "stock_cycle_count.CountCards";
    static props = { isPage: { type: Boolean, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.today = useState({ cards: [], can_count: false, set_up: false, isBusy: false });
        onWillStart(() => this.load());
    }

    async load() {
        Object.assign(this.today, await this.orm.call("stock.warehouse", "get_cycle_count_today", []));
    }

    figureClass(figure) {
        if (!figure.value) {
            return "text-muted";
        }
        return ALERTING.includes(figure.name) ? `o_count_card_${figure.name}` : "";
    }

    async onOpen(card, figure) {
        this.action.doAction(
            await this.orm.call("stock.warehouse", "action_open_cycle_count_figure", [card.id, figure.name])
        );
    }

    onCount() {
        this.action.doAction("stock_cycle_count.stock_cycle_count_scanner_action");
    }

    async onMakeSheets(card) {
        this.today.isBusy = true;
        try {
            this.action.doAction(
                await this.orm.call("stock.warehouse", "action_make_cycle_count_sheets", [card.id])
            );
            await this.load();
        } finally {
            this.today.isBusy = false;
        }
    }

    onSetUp() {
        this.action.doAction(this.today.set_up);
    }
}

/**
 * The page of the day, to each what is theirs: the answers and the cards of warehouses to who may read figures, the cards to
 * who sets counting up, and their own day to counters.
 */
export class CountToday extends Component {
    static template = "stock_cycle_count.CountToday";
    static components = { Layout, AnswersPage, CountCards, MyDay };
    static props = ["*"];

    setup() {
        this.display = { controlPanel: {} };
        const user = useService("user");
        onWillStart(async () => {
            this.reads = await user.hasGroup("stock_cycle_count.group_approver");
            this.oversees = this.reads || (await user.hasGroup("stock.group_stock_manager"));
        });
    }
}

/** The overview of Inventory, with the same cards above those of operations. */
export class OverviewController extends kanbanView.Controller {
    static template = "stock_cycle_count.OverviewKanban";
    static components = { ...kanbanView.Controller.components, CountCards };
}

registry.category("actions").add("stock_cycle_count.today", CountToday);
registry.category("views").add("stock_cycle_count_overview", { ...kanbanView, Controller: OverviewController });
