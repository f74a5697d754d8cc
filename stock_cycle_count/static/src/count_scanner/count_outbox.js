/** @odoo-module **/

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionAbortedError } from "@web/core/network/rpc_service";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { EventBus, markRaw, reactive } from "@odoo/owl";

import { callScanner, getRefusal, isLogout, isNetworkError } from "./count_server";

/** So many entries go in one call; the server takes no more. */
const BATCH = 50;
/** An answer that takes longer (ms) does not come: the entries are sent again, which their keys make harmless. */
const SEND_TIMEOUT = 20000;
const FIRST_RETRY = 2000;
const LAST_RETRY = 15000;
/** After so many failures of the server an entry is put aside, lest it hold up those behind it. */
const MOST_FAILURES = 5;

/**
 * Counts that wait to be sent, kept on the device: one item of the local storage each, so that neither a reload nor
 * another tab loses any. They belong to a user and a database, and are sent in their order whatever screen is open.
 *
 * `items` are `{ key, order, at, entry, status, text, title, failures }`; status is `waiting`, or `refused` or
 * `question` when the server wants an answer of the user first. `bus` triggers `taken` with the reply of the server,
 * and `held` with an item that has to be looked at.
 */
export class CountOutbox {
    constructor(orm, owner) {
        this.orm = orm;
        this.prefix = `stock_cycle_count.outbox/${owner}/`;
        this.bus = new EventBus();
        this.isSending = false;
        this.timer = null;
        this.delay = FIRST_RETRY;
        this.batch = BATCH;
        this.lastOrder = 0;
        // Bins hold a thousand lines and queues hundreds of counts, so these are not watched one by one: `version` is.
        this.queue = markRaw([]);
        /** Items by the line that they are about. */
        this.byLine = new Map();
        this.state = reactive({ version: 0, isOnline: true, isKept: true, isLoggedIn: true });
        this.load();
    }

    /** All items; whoever reads them is told when they change. */
    get items() {
        void this.state.version;
        return this.queue;
    }

    get waiting() {
        return this.items.filter((item) => item.status === "waiting");
    }

    /** Items that the user has to look at. */
    get held() {
        return this.items.filter((item) => item.status !== "waiting");
    }

    setQueue(items) {
        this.queue = markRaw(items);
        this.byLine = new Map();
        for (const item of items) {
            const { line_id } = item.shown;
            if (!this.byLine.has(line_id)) {
                this.byLine.set(line_id, []);
            }
            this.byLine.get(line_id).push(item);
        }
        this.state.version++;
    }

    /** Read what the device keeps: at first, and when another tab changed it. */
    load() {
        const items = [];
        for (let index = 0; index < browser.localStorage.length; index++) {
            const name = browser.localStorage.key(index);
            if (name.startsWith(this.prefix)) {
                items.push(JSON.parse(browser.localStorage.getItem(name)));
            }
        }
        this.setQueue(items.sort((one, other) => one.order - other.order));
    }

    save(item) {
        try {
            browser.localStorage.setItem(this.prefix + item.key, JSON.stringify(item));
            // Odoo puts a storage without keys in the place of one that is forbidden.
            this.state.isKept = Boolean(browser.localStorage.key(0));
        } catch {
            // The storage is full: the screen says that a reload would lose what waits.
            this.state.isKept = false;
        }
    }

    /**
     * Keep an entry and send it.
     *
     * @param {Object} entry as the server takes it; `client_key` names it
     * @param {Object} shown what screens need to know of it while it waits
     */
    add(entry, shown = {}) {
        const at = Date.now();
        this.lastOrder = Math.max(at, this.lastOrder + 0.001);
        const item = {
            key: entry.client_key, order: this.lastOrder, at, entry, shown, status: "waiting", text: "", failures: 0,
        };
        this.save(item);
        this.setQueue([...this.queue, item]);
        this.flush();
    }

    /** Send an item again, after its question was answered or what it was refused for has changed. */
    retry(key, values = {}) {
        const item = this.items.find((one) => one.key === key);
        if (item) {
            Object.assign(item.entry, values);
            Object.assign(item, { status: "waiting", text: "", failures: 0 });
            this.save(item);
            this.setQueue(this.queue);
            this.flush();
        }
    }

    remove(key) {
        browser.localStorage.removeItem(this.prefix + key);
        this.setQueue(this.queue.filter((item) => item.key !== key));
    }

    /** There is no network: try again later, whether something waits or not. */
    goOffline() {
        this.state.isOnline = false;
        this.retryLater();
    }

    retryLater() {
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.flush(), this.delay);
        this.delay = Math.min(this.delay * 2, LAST_RETRY);
    }

    /** Send what waits, in its order; without network, try again later. */
    async flush() {
        if (this.isSending) {
            return;
        }
        this.isSending = true;
        browser.clearTimeout(this.timer);
        try {
            while (this.waiting.length || !this.state.isOnline) {
                await this.sendBatch(this.waiting.slice(0, this.batch));
            }
        } catch (error) {
            this.retryLater();
            if (!isNetworkError(error) && !error.exceptionName) {
                throw error;
            }
        } finally {
            this.isSending = false;
        }
    }

    async sendBatch(items) {
        const now = Date.now();
        const entries = items.map(({ entry, at }) => ({ ...entry, age: Math.max(0, (now - at) / 1000) }));
        let reply;
        try {
            reply = await callScanner(this.orm, "record", [entries], SEND_TIMEOUT);
        } catch (error) {
            this.state.isOnline = !isNetworkError(error);
            if (this.state.isOnline) {
                this.onFailure(items, error);
            }
            throw error;
        }
        this.state.isOnline = this.state.isLoggedIn = true;
        this.delay = FIRST_RETRY;
        this.batch = BATCH;
        let again = false;
        for (const { client_key, status, text, title } of reply.verdicts) {
            if (status === "done") {
                this.remove(client_key);
            } else if (status === "again") {
                again = true;
            } else {
                this.hold(client_key, status, text, title);
            }
        }
        this.bus.trigger("taken", reply);
        if (again) {
            throw new ConnectionAbortedError();
        }
    }

    /** The server failed or refused the call as a whole: one by one, the entry that it fails on is found. */
    onFailure(items, error) {
        if (isLogout(error)) {
            this.state.isLoggedIn = false;
            return;
        }
        this.batch = 1;
        const [first] = items;
        const refusal = getRefusal(error, "");
        if (items.length === 1 && (refusal || ++first.failures >= MOST_FAILURES)) {
            this.hold(first.key, "refused", refusal || _t("The server failed on this count."));
        }
    }

    hold(key, status, text, title = "") {
        const item = this.items.find((one) => one.key === key);
        const undo = this.items.find((one) => one.entry.undone_key === key);
        if (item && undo) {
            // The user took it back already.
            this.remove(key);
            this.remove(undo.key);
        } else if (item) {
            Object.assign(item, { status, text, title });
            this.save(item);
            this.setQueue(this.queue);
            this.bus.trigger("held", item);
        }
    }
}

export const countOutboxService = {
    dependencies: ["orm", "user"],
    start(env, { orm, user }) {
        const outbox = new CountOutbox(orm, `${session.db}/${user.userId}`);
        browser.addEventListener("online", () => outbox.flush());
        browser.addEventListener("offline", () => outbox.goOffline());
        browser.addEventListener("storage", (ev) => {
            if (ev.storageArea && ev.key && ev.key.startsWith(outbox.prefix)) {
                outbox.load();
            }
        });
        outbox.flush();
        return outbox;
    },
};

registry.category("services").add("stock_cycle_count_outbox", countOutboxService);
