/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";
import { Component, useState } from "@odoo/owl";

/** A question with two answers. Scanning the same label again says yes. */
export class Question extends Component {
    static template = "stock_cycle_count.Question";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
        useAutofocus();
    }
}

/** Things that a scan may mean. */
export class Choices extends Component {
    static template = "stock_cycle_count.Choices";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
        this.state = useState({ number: "" });
    }

    onNumber() {
        const number = this.state.number.trim();
        if (number) {
            this.model.scan(number);
        }
    }
}

/** Why a line is not counted. */
export class SkipForm extends Component {
    static template = "stock_cycle_count.SkipForm";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
        this.state = useState({ reason: "" });
        this.reasons = [_t("Cannot be reached"), _t("Blocked by other goods"), _t("Label missing or unreadable")];
    }

    get line() {
        return this.model.store.findLine(this.model.overlay.target.line_id);
    }

    onSkip(reason) {
        if (reason.trim()) {
            this.model.skip(this.line, reason.trim());
        }
    }
}

/** What waits to be sent, and what the server did not take. */
export class OutboxList extends Component {
    static template = "stock_cycle_count.OutboxList";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
    }
}

/** A code that is typed because its label cannot be scanned. */
export class TypeCode extends Component {
    static template = "stock_cycle_count.TypeCode";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
        useAutofocus();
        this.state = useState({ code: "" });
    }

    onSubmit() {
        const { model } = this;
        model.overlay = null;
        if (this.state.code.trim()) {
            model.scan(this.state.code.trim());
        }
    }
}
