/** @odoo-module **/

import { localization } from "@web/core/l10n/localization";
import { Component, useState } from "@odoo/owl";

import { describeParts, formatQuantity, parseQuantity, sumParts } from "./quantities";

/** Scans are longer than this, quantities are not; what has a letter is a scan as well. */
const LONGEST_QUANTITY = 5;

/**
 * Quantity by keys, in units of the product: "3 boxes of 12 + 5". No input field, for a scanner types into those.
 * Works with the buttons and with a keyboard: digits, x for packs, +, Backspace, Enter.
 */
export class QuantityPad extends Component {
    static template = "stock_cycle_count.QuantityPad";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
        const { overlay } = this.model;
        this.target = overlay.target;
        this.line = this.target.line_id ? this.model.store.findLine(this.target.line_id) : null;
        this.units = this.model.store.getUnits(this.target);
        this.chips = this.units.filter((unit, index) => index === 0 || unit.pack);
        this.others = this.units.filter((unit, index) => index > 0 && !unit.pack);
        this.formatQuantity = formatQuantity;
        this.decimalPoint = localization.decimalPoint || ".";
        this.keys = ["7", "8", "9", "←", "4", "5", "6", "+", "1", "2", "3", "×", "0", this.decimalPoint];
        this.state = useState({ parts: [], text: "", unit: this.units[0].key, isWrong: false });
        overlay.onKey = (ev) => this.onKey(ev);
        overlay.onOk = () => this.confirm("set");
        overlay.takesScan = (barcode) => this.takesScan(barcode);
        if (this.target.quantity) {
            this.setText(String(this.target.quantity));
        }
    }

    get counted() {
        return this.line ? this.model.store.getCounted(this.line) : null;
    }

    get product() {
        return this.line ? this.model.store.getProduct(this.line) : this.target.product;
    }

    get isSerial() {
        return this.line ? this.line.serial : this.target.serial;
    }

    /** All parts that are complete; null when what is being typed is no number. */
    get allParts() {
        const { parts, text, unit } = this.state;
        if (!text) {
            return parts.length ? parts : null;
        }
        const number = parseQuantity(text.replace(this.decimalPoint, "."));
        return number === null ? null : [...parts, [unit, number]];
    }

    get summary() {
        const parts = this.allParts;
        if (!parts || (parts.length === 1 && parts[0][0] === this.units[0].key)) {
            return "";
        }
        return `${describeParts(parts, this.units)} = ${formatQuantity(sumParts(parts, this.units))} ${this.units[0].name}`;
    }

    get unitName() {
        return this.units.find((unit) => unit.key === this.state.unit).name;
    }

    /** Whether a quick burst of keys is a scan. Its characters are taken back from the quantity. */
    takesScan(barcode) {
        if (barcode.length <= LONGEST_QUANTITY && parseQuantity(barcode.replace(/\+/g, "x")) !== null) {
            return false;
        }
        const typed = barcode.replace(/[^\d.,x*+]/g, "");
        if (typed && this.state.text.endsWith(typed)) {
            this.setText(this.state.text.slice(0, -typed.length));
        }
        return true;
    }

    onKey(ev) {
        if (/^[\d.,x*×]$/.test(ev.key)) {
            this.press(ev.key);
        } else if (ev.key === "+") {
            this.addPart();
        } else if (ev.key === "Backspace") {
            this.erase();
        } else if (ev.key === "Enter" && !ev.target.closest("button, select")) {
            this.confirm("set");
        }
    }

    setText(text) {
        this.state.text = text;
        this.state.isWrong = false;
        this.model.overlay.isTouched = Boolean(text || this.state.parts.length);
    }

    press(key) {
        this.setText(this.state.text + key);
    }

    erase() {
        if (this.state.text) {
            this.setText(this.state.text.slice(0, -1));
        } else if (this.state.parts.length) {
            const [unit, number] = this.state.parts.pop();
            this.state.unit = unit;
            this.setText(String(number));
        }
    }

    addPart() {
        const parts = this.allParts;
        if (this.state.text && parts) {
            this.state.parts = parts;
            this.state.unit = this.units[0].key;
            this.setText("");
        }
    }

    confirm(kind) {
        const parts = this.allParts;
        if (!parts) {
            this.state.isWrong = true;
            return;
        }
        this.model.count(this.target, kind, parts);
    }

    /** Count what is left of the sheet, and close it. */
    confirmLast() {
        this.confirm("set");
        if (!this.state.isWrong) {
            this.model.closeWhenSent();
        }
    }

    /** Count one unit of the product's, or none, without typing. */
    confirmNumber(number) {
        this.model.count(this.target, "set", [[this.units[0].key, number]]);
    }

    onSkip() {
        this.model.overlay = { kind: "skip", target: this.target };
    }
}
