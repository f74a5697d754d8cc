/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { Component, onPatched, useRef, useState } from "@odoo/owl";

import { useBlocks } from "./card_blocks";
import { LineCard } from "./line_card";
import { formatQuantity } from "./quantities";

/** Sheets to choose from: own ones, those that nobody has, and those of others that the user may see. */
export class HomeScreen extends Component {
    static template = "stock_cycle_count.HomeScreen";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
    }

    get groups() {
        const { sheets } = this.model;
        return [
            { title: _t("Yours"), sheets: sheets.filter((sheet) => sheet.mine && !sheet.handed_on) },
            { title: _t("Nobody's yet"), sheets: sheets.filter((sheet) => !sheet.mine && !sheet.counter) },
            { title: _t("Counted by others"), sheets: sheets.filter((sheet) => !sheet.mine && sheet.counter) },
            { title: _t("Recounted by others"), sheets: sheets.filter((sheet) => sheet.mine && sheet.handed_on) },
        ].filter((group) => group.sheets.length);
    }
}

/** Locations of a sheet in walking order; or who has the sheet, and what can be done about that. */
export class SheetScreen extends Component {
    static template = "stock_cycle_count.SheetScreen";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
    }

    get isCounting() {
        const { sheet } = this.model;
        return sheet.state === "in_progress" && sheet.mine;
    }
}

/**
 * Lines of one bin: what is left on top, then what is done, the last first. Serial numbers of a product share a card.
 */
export class LocationScreen extends Component {
    static template = "stock_cycle_count.LocationScreen";
    static components = { LineCard };
    static props = { model: Object };

    setup() {
        const { model } = this.props;
        this.model = useState(model);
        this.formatQuantity = formatQuantity;
        this.state = useState({ isLeftOnly: Boolean(model.memory.get("leftOnly")) });
        this.root = useRef("root");
        this.blocks = useBlocks(this.root);
        this.shownLast = model.store.last;
        onPatched(() => this.showLast());
    }

    get isUntouched() {
        const { bin, store } = this.model;
        return store.findUncounted(bin.lines).length === bin.lines.length;
    }

    /** Lines of the package that is open, or all. */
    get lines() {
        const { bin, position: { package_id: packageId } } = this.model;
        return packageId ? bin.lines.filter((line) => line.package_id === packageId) : bin.lines;
    }

    /** Cards that are left, and cards that are done: `{ key, lines, isDone }`; sorted once for every change. */
    get cards() {
        const { uncounted } = this.model;
        const { package_id: packageId } = this.model.position;
        if (!this.sorted || this.sorted.uncounted !== uncounted || this.sorted.packageId !== packageId) {
            this.sorted = { uncounted, packageId, cards: this.sortCards(uncounted) };
        }
        return this.sorted.cards;
    }

    sortCards(uncounted) {
        const left = new Set(uncounted);
        const cards = new Map();
        for (const line of this.lines) {
            const key = line.serial && line.lot
                ? [line.product_id, line.package_id || "", line.owner || ""].join("/") : String(line.id);
            const card = cards.get(key) || { key, lines: [], isDone: true };
            card.lines.push(line);
            card.isDone = card.isDone && !left.has(line);
            cards.set(key, card);
        }
        const all = [...cards.values()];
        return { left: all.filter((card) => !card.isDone), done: this.sortDone(all.filter((card) => card.isDone)) };
    }

    sortDone(cards) {
        const rank = new Map(this.model.store.touched.map((id, index) => [id, index]));
        const getRank = (card) => Math.min(...card.lines.map((line) => (rank.has(line.id) ? rank.get(line.id) : rank.size)));
        return cards
            .map((card) => [getRank(card), card])
            .sort((one, other) => one[0] - other[0])
            .map(([, card]) => card);
    }

    /** What is shown, in blocks: the screen stays quick in bins of a thousand. */
    get sections() {
        const { left, done } = this.cards;
        const { last } = this.model.store;
        const isDrawn = (card) => Boolean(last) && card.lines.some((line) => line.id === last.id);
        return {
            left: this.blocks.cut("left", left, isDrawn),
            done: this.state.isLeftOnly ? [] : this.blocks.cut("done", done, isDrawn), doneCount: done.length,
        };
    }

    toggleLeftOnly() {
        this.state.isLeftOnly = !this.state.isLeftOnly;
        this.model.memory.set("leftOnly", this.state.isLeftOnly);
    }

    /** Bring the line into view that was counted just now, and frame it. */
    showLast() {
        const { last } = this.model.store;
        if (last === this.shownLast) {
            return;
        }
        this.shownLast = last;
        this.root.el.querySelectorAll(".o_scanner_flash").forEach((line) => line.classList.remove("o_scanner_flash"));
        const line = this.root.el.querySelector(`[data-line-id="${last.id}"]`);
        if (line) {
            line.scrollIntoView({ block: "nearest" });
            line.classList.add("o_scanner_flash");
        }
    }

    onLine(line) {
        const { model } = this;
        if (line.mine) {
            model.openPad({ line_id: line.id });
        }
    }
}
