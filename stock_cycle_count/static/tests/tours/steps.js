/** @odoo-module **/

/**
 * What all tours have in common. A step is looked for a moment after the page has changed; Odoo waits for three quarters of
 * a second otherwise.
 */
export const TOUR = { test: true, checkDelay: 100 };

/** Steps of all tours. */
export function click(trigger) {
    return { content: `Press ${trigger}`, trigger };
}

export function see(trigger) {
    return { content: `See ${trigger}`, trigger, isCheck: true };
}

/** What was counted has reached the server; a sheet does not close before. */
export function seeAllSent() {
    return { ...see("body:not(:has(.o_scanner_outbox))"), content: "All was sent" };
}
