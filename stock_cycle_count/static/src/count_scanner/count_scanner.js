/** @odoo-module **/

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { isBarcodeScannerSupported, scanBarcode } from "@web/webclient/barcode/barcode_scanner";
import { session } from "@web/session";
import { Component, onPatched, onWillPatch, onWillStart, useExternalListener, useState } from "@odoo/owl";

import { CountScannerModel } from "./count_scanner_model";
import { HomeScreen, LocationScreen, SheetScreen } from "./count_screens";
import { Choices, OutboxList, Question, SkipForm, TypeCode } from "./scanner_overlays";
import { QuantityPad } from "./quantity_pad";

/** What the scanner remembers of a user on this device. */
function makeMemory(owner) {
    const prefix = `stock_cycle_count.scanner/${owner}/`;
    return {
        get: (name) => JSON.parse(browser.localStorage.getItem(prefix + name) || "null"),
        set(name, value) {
            try {
                browser.localStorage.setItem(prefix + name, JSON.stringify(value));
            } catch {
                // The storage is full: the next visit begins at the start, which does no harm.
            }
        },
    };
}

/** The counter's screen: what was scanned goes to the model, what the model says is shown. */
export class CountScanner extends Component {
    static template = "stock_cycle_count.CountScanner";
    static components = {
        HomeScreen, SheetScreen, LocationScreen, QuantityPad, Question, Choices, SkipForm, OutboxList, TypeCode,
    };
    static props = ["*"];

    setup() {
        const outbox = useService("stock_cycle_count_outbox");
        const user = useService("user");
        const memory = makeMemory(`${session.db}/${user.userId}`);
        const model = new CountScannerModel().setup({ orm: this.env.services.orm, outbox, memory });
        this.model = useState(model);
        this.outbox = useState(outbox.state);
        this.barcode = useService("barcode");
        this.isCameraSupported = Boolean(isBarcodeScannerSupported());
        useBus(this.barcode.bus, "barcode_scanned", (ev) => this.onBarcodeScanned(ev.detail.barcode));
        useBus(outbox.bus, "taken", (ev) => model.onTaken(ev.detail));
        useBus(outbox.bus, "held", (ev) => model.onHeld(ev.detail));
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev));
        this.keepFocus();
        onWillStart(() => model.begin(this.firstState, this.props.action.params || {}));
    }

    /** Give the focus back when what lay over the screen is gone, for those who work with the keyboard. */
    keepFocus() {
        let before = null;
        onWillPatch(() => {
            if (this.model.overlay && !before) {
                before = document.activeElement;
            }
        });
        onPatched(() => {
            if (!this.model.overlay && before) {
                before.focus();
                before = null;
            }
        });
    }

    /** Sheet that the action was opened for, else where the user was before the page was reloaded. */
    get firstState() {
        const { context = {}, params = {} } = this.props.action;
        const countId = params.count_id || (context.active_model === "stock.cycle.count" && context.active_id);
        return countId ? { screen: "sheet", count_id: countId } : this.model.memory.get("position") || { screen: "home" };
    }

    get title() {
        const { location, sheet, position } = this.model;
        return position.screen === "location" && location ? location.name : sheet ? sheet.name : _t("Count");
    }

    // Scans and keys

    onBarcodeScanned(barcode) {
        const { overlay } = this.model;
        if (overlay && overlay.takesScan && !overlay.takesScan(barcode)) {
            // A short number that was typed quickly: it is the quantity.
            return;
        }
        this.isScanEnd = true;
        this.model.scan(barcode);
    }

    onKeydown(ev) {
        // The barcode service keeps the Enter that ends a scan from others.
        const isScanEnd = ev.key === "Enter" && ev.defaultPrevented && this.isScanEnd;
        this.isScanEnd = false;
        if (isScanEnd) {
            return;
        }
        if (ev.key === "Escape" && this.model.overlay) {
            this.model.close();
        }
        const { overlay } = this.model;
        if (overlay && overlay.onKey && !ev.altKey && !ev.ctrlKey && !ev.metaKey) {
            overlay.onKey(ev);
        }
    }

    async onCamera() {
        if (!this.isCameraSupported) {
            this.model.say("warning", _t("No camera here"), window.isSecureContext
                ? _t("This browser offers none. A scanner or the keyboard works.")
                : _t("Browsers give the camera to https pages only: ask for an address that begins with https. A scanner works without."));
            return;
        }
        let barcode;
        try {
            barcode = await scanBarcode(this.env);
        } catch (error) {
            this.model.say("danger", _t("No camera"), error.message);
            return;
        }
        if (barcode) {
            this.model.scan(barcode);
        }
    }

    toggleDark() {
        this.model.isDark = !this.model.isDark;
        this.model.memory.set("dark", this.model.isDark);
    }

    onTypeCode() {
        this.model.overlay = { kind: "code" };
    }

    onShowOutbox() {
        this.model.overlay = { kind: "outbox" };
    }
}

registry.category("actions").add("stock_cycle_count.scanner", CountScanner);
