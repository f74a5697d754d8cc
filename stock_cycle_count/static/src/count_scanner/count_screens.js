/** @odoo-module **/

import { Component, useState } from "@odoo/owl";

import { formatQuantity } from "./quantities";

/** Sheets to choose from: own ones and those that nobody has. */
export class HomeScreen extends Component {
    static template = "stock_cycle_count.HomeScreen";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
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
    }

    get isUntouched() {
        const { model } = this;
        return model.bin.lines.every((line) => model.getCounted(line) === null);
    }

    /** Lines of the package that is open, or all. */
    get lines() {
        const { bin, position } = this.model;
        return bin.lines.filter((line) => !position.package_id || line.package_id === position.package_id);
    }

    onLine(line) {
        const { model } = this;
        if (line.mine) {
            model.openPad({ line_id: line.id });
        }
    }
}
