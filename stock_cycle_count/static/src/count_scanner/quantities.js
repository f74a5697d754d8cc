/** @odoo-module **/

import { localization } from "@web/core/l10n/localization";

/** Show a quantity with the user's decimal point, and no more digits than it has. */
export function formatQuantity(quantity) {
    return String(+quantity.toFixed(6)).replace(".", localization.decimalPoint || ".");
}

/** Number that was typed, or packs like 3x12; null when it is neither. */
export function parseQuantity(text) {
    let product = 1;
    for (const factor of text.replace(",", ".").split(/[x*×]/)) {
        if (!/^(\d+\.?\d*|\.\d+)$/.test(factor.trim())) {
            return null;
        }
        product *= parseFloat(factor);
    }
    return product;
}

/** Sum of parts ([unit key, number]) in the product's unit. */
export function sumParts(parts, units) {
    return parts.reduce((sum, [key, number]) => sum + number * units.find((unit) => unit.key === key).factor, 0);
}

/** Parts as people read them: "3 Box of 12 + 5 Units". */
export function describeParts(parts, units) {
    return parts
        .map(([key, number]) => `${formatQuantity(number)} ${units.find((unit) => unit.key === key).name}`)
        .join(" + ");
}
