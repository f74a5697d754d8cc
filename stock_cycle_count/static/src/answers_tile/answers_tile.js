/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { Component, useState } from "@odoo/owl";

/** Word and sign of each state, so that none is told by its colour alone. */
const STATES = {
    none: { word: _t("Nothing yet"), sign: "fa-circle-o" },
    few: { word: _t("Too few"), sign: "fa-hourglass-half" },
    // Losses that are explained are losses all the same.
    told: { word: _t("Mostly explained"), sign: "fa-comment-o" },
    good: { word: _t("Good"), sign: "fa-check" },
    warn: { word: _t("Look closer"), sign: "fa-exclamation" },
    bad: { word: _t("Act"), sign: "fa-exclamation-triangle" },
};

/** One answer: a figure, a sentence, what the figure means, and one click to the records behind it. */
export class AnswersTile extends Component {
    static template = "stock_cycle_count.AnswersTile";
    static props = {
        tile: Object,
        // called without arguments for all records of the tile
        onOpen: Function,
        slots: { type: Object, optional: true },
    };

    setup() {
        this.view = useState({ isDefined: false });
    }

    get state() {
        return STATES[this.props.tile.state];
    }

    get openLabel() {
        const { count } = this.props.tile;
        return count === 1 ? _t("Show 1 record") : _t("Show %s records", formatInteger(count));
    }

    onToggleDefinition() {
        this.view.isDefined = !this.view.isDefined;
    }
}
