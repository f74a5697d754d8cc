/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { Component, onPatched, useRef, useState } from "@odoo/owl";

import { LineCard } from "./line_card";
import { formatQuantity } from "./quantities";

/** More cards than these are shown on demand only: of what is left, and of what is done. */
const FIRST_CARDS = 60;
const FIRST_DONE = 20;

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
            { title: _t("Yours"), sheets: sheets.filter((sheet) => sheet.mine) },
            { title: _t("Nobody's yet"), sheets: sheets.filter((sheet) => !sheet.mine && !sheet.counter) },
            { title: _t("Counted by others"), sheets: sheets.filter((sheet) => !sheet.mine && sheet.counter) },
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
        this.state = useState({ isWhole: false, isLeftOnly: Boolean(model.memory.get("leftOnly")) });
        this.root = useRef("root");
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

    /** Cards that are left, and cards that are done: `{ key, lines, isDone }`. */
    get cards() {
        const left = new Set(this.model.uncounted);
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

    /** Sections that are shown: the screen stays quick in bins of a thousand. */
    get sections() {
        const { left, done } = this.cards;
        const { isLeftOnly, isWhole } = this.state;
        const cut = (cards, number) => (isWhole ? cards : cards.slice(0, number));
        return {
            left: cut(left, FIRST_CARDS), done: isLeftOnly ? [] : cut(done, FIRST_DONE), doneCount: done.length,
            isCut: !isWhole && (left.length > FIRST_CARDS || (!isLeftOnly && done.length > FIRST_DONE)),
        };
    }

    toggleLeftOnly() {
        this.state.isLeftOnly = !this.state.isLeftOnly;
        this.model.memory.set("leftOnly", this.state.isLeftOnly);
    }

    /** Bring the line into view that was counted just now, and let it light up. */
    showLast() {
        const { last } = this.model.store;
        if (last === this.shownLast) {
            return;
        }
        this.shownLast = last;
        const line = this.root.el && this.root.el.querySelector(`[data-line-id="${last.id}"]`);
        if (line) {
            line.scrollIntoView({ block: "nearest" });
            line.classList.remove("o_scanner_flash");
            void line.offsetWidth;
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
