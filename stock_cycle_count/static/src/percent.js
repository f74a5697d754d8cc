/** @odoo-module **/

import { formatFloat } from "@web/views/fields/formatters";

/** Percentages are told apart by this. */
const PERCENT_ROUNDING = 1e-6;

/**
 * A percentage as it is shown: what is below 100 never reads 100, and what is not 0 never reads 0. The server has the same
 * rule in `tools/numbers.py`.
 */
export function shownPercent(value, digits = 1) {
    const size = Math.abs(value);
    for (const end of [0, 100]) {
        if (Math.abs(size - end) <= PERCENT_ROUNDING / 2) {
            return Math.sign(value) * end;
        }
    }
    const step = 10 ** -digits;
    const most = size < 100 ? 100 - step : Infinity;
    const shown = Math.min(Math.max(Math.round(size / step) * step, step), most);
    return Math.sign(value) * Number(shown.toFixed(digits));
}

export function percent(value, { digits = 1, trailingZeros = true } = {}) {
    return `${formatFloat(shownPercent(value, digits), { digits: [16, digits], trailingZeros })} %`;
}
