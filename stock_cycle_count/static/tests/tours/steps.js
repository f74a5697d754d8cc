/** @odoo-module **/

/** Steps of all tours. */
export function click(trigger) {
    return { content: `Press ${trigger}`, trigger };
}

export function see(trigger) {
    return { content: `See ${trigger}`, trigger, isCheck: true };
}
