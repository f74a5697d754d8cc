/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { percent } from "../percent";
import { Component } from "@odoo/owl";

/** Why records were wrong: causes from the largest down, what nobody explained named as such. */
export class CauseBars extends Component {
    static template = "stock_cycle_count.CauseBars";
    static props = {
        bars: Array,
        currencyId: Number,
        // (domain, label)
        onOpen: Function,
        // (bar): somebody is to change what it stands for; left out for who only reads
        onOwn: { type: Function, optional: true },
    };

    setup() {
        this.percent = percent;
    }

    ownLabel({ label }) {
        return _t("Make %s a root cause", label);
    }

    /** What a bar says beside its name. */
    phrase({ value, lines }) {
        const values = { value: formatMonetary(value, { currencyId: this.props.currencyId }), lines: formatInteger(lines) };
        return lines === 1 ? _t("%(value)s on 1 line", values) : _t("%(value)s on %(lines)s lines", values);
    }
}

/** Rates of groups with their intervals: a group of few counts shows how little it says. */
export class RateBars extends Component {
    static template = "stock_cycle_count.RateBars";
    static props = {
        rates: Array,
        // (domain, label)
        onOpen: Function,
    };

    setup() {
        this.percent = percent;
        this.formatInteger = formatInteger;
    }
}
