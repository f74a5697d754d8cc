/** @odoo-module **/

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionAbortedError, ConnectionLostError } from "@web/core/network/rpc_service";

const SCANNER = "stock.cycle.count.scanner";
/** A screen or a scan that takes longer (ms) counts as without network: the device goes on with what it knows. */
const CALL_TIMEOUT = 6000;
/** The same while there is no network: nobody is to wait at every scan. */
const OFFLINE_TIMEOUT = 2000;

/** Whether an error means that the server was not reached, so that nothing is known of what became of the call. */
export function isNetworkError(error) {
    return error instanceof ConnectionLostError || error instanceof ConnectionAbortedError;
}

/** Whether the user has to log in again. */
export function isLogout(error) {
    return error.exceptionName === "odoo.http.SessionExpiredException";
}

/** Why the server refused a call: what it tells, else a text for all that it did not foresee. */
export function getRefusal(error, otherwise) {
    const isTold = /^odoo\.exceptions\.(UserError|ValidationError|AccessError|MissingError)$/.test(error.exceptionName);
    return isTold ? error.data.message : otherwise;
}

/**
 * Call the scanner's model; give up when no answer comes in time.
 *
 * @param {number} time in ms
 */
export async function callScanner(orm, method, args, time) {
    const promise = orm.silent.call(SCANNER, method, args);
    const timer = browser.setTimeout(() => promise.abort && promise.abort(), time);
    try {
        return await promise;
    } finally {
        browser.clearTimeout(timer);
    }
}

/** Asks the server what a screen shows and what a scan means; the outbox is told whether there is network. */
export class CountServer {
    constructor(orm, outbox) {
        this.orm = orm;
        this.outbox = outbox;
    }

    /**
     * @returns {Promise<Object|null>} `{ answer }`, or `{ refusal }` (a text, empty when the user was logged out); null
     *      when the server was not reached
     */
    async ask(method, args) {
        const { state } = this.outbox;
        try {
            const answer = await callScanner(this.orm, method, args, state.isOnline ? CALL_TIMEOUT : OFFLINE_TIMEOUT);
            state.isOnline = state.isLoggedIn = true;
            return { answer };
        } catch (error) {
            if (isNetworkError(error)) {
                this.outbox.goOffline();
                return null;
            }
            if (!error.exceptionName) {
                throw error;
            }
            state.isLoggedIn = !isLogout(error);
            return { refusal: state.isLoggedIn ? getRefusal(error, _t("Something went wrong there. Try again.")) : "" };
        }
    }
}
