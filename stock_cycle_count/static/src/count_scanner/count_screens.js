/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { Component, useState } from "@odoo/owl";

import { formatQuantity } from "./quantities";

/** More lines than this are shown on demand only. */
const FIRST_LINES = 100;

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

/** Lines of one bin. */
export class LocationScreen extends Component {
    static template = "stock_cycle_count.LocationScreen";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
        this.formatQuantity = formatQuantity;
        this.state = useState({ isWhole: false });
    }

    get isUntouched() {
        const { model } = this;
        return model.bin.lines.every((line) => model.store.getCounted(line) === null);
    }

    /** Lines of the package that is open, or all. */
    get lines() {
        const { bin, position } = this.model;
        return bin.lines.filter((line) => !position.package_id || line.package_id === position.package_id);
    }

    /** Lines that are shown: the screen stays quick in bins of a thousand. */
    get shownLines() {
        return this.state.isWhole ? this.lines : this.lines.slice(0, FIRST_LINES);
    }

    onLine(line) {
        const { model } = this;
        if (line.mine) {
            model.openPad({ line_id: line.id });
        }
    }
}
