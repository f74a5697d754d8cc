/** @odoo-module **/

import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_service/tour_utils";
import { click, see, TOUR } from "./steps";

/** A button at the head of a form; on a phone it is in a menu. */
function press(label) {
    return stepUtils.statusbarButtonsSteps(label, `Press ${label}`);
}

/** How bright a colour is, as accessibility guidelines reckon it. */
function getLuminance(color) {
    const [red, green, blue] = color.match(/[\d.]+/g).slice(0, 3).map((part) => {
        const share = part / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function getBackground(element) {
    const { backgroundColor } = getComputedStyle(element);
    const isClear = backgroundColor === "transparent" || /, 0\)$/.test(backgroundColor);
    return isClear && element.parentElement ? getBackground(element.parentElement) : backgroundColor;
}

/** A text can be read on what is behind it, is not wider than the screen, and neither is the page. */
function read(trigger) {
    return {
        content: `Read ${trigger}`,
        trigger,
        run() {
            const [element] = this.$anchor;
            const [dark, bright] = [getComputedStyle(element).color, getBackground(element)]
                .map(getLuminance)
                .sort((one, other) => one - other);
            if ((bright + 0.05) / (dark + 0.05) < 4.5) {
                throw new Error(`${trigger} is hard to read`);
            }
            const { left, right } = element.getBoundingClientRect();
            if (left < 0 || right > window.innerWidth || document.body.scrollWidth > window.innerWidth) {
                throw new Error(`${trigger} does not fit on the screen`);
            }
        },
    };
}

/** Another screen without another start of the client. */
function open(action) {
    return {
        content: `Open ${action}`,
        trigger: ".o_main_navbar",
        run: () => odoo.__WOWL_DEBUG__.root.env.services.action.doAction(`stock_cycle_count.${action}`, { clearBreadcrumbs: true }),
    };
}

/** Other settings of a plan are tried, and taken over. */
const WHAT_IF = [
    ...press("What If"),
    read('[name="result"]:contains("of 50.")'),
    { ...click('[name="daily_capacity"] input'), run: "text 7" },
    read('[name="result"]:contains("of 7.")'),
    click('.modal-footer button[name="action_apply"]'),
    see("body:not(:has(.modal))"),
    see('.o_form_view [name="daily_capacity"]:has(input:propValue(7))'),
];

/** A hint is opened, counted, and dismissed. */
const HINTS = [
    open("stock_cycle_count_hint_action"),
    click('.o_data_row:contains("lost 6") [name="sentence"], .o_kanban_record:contains("lost 6")'),
    read('.o_form_view [name="sentence"]:contains("Misplaced?")'),
    ...press("Count This"),
    see(".o_notification"),
    ...press("Dismiss"),
    read('label:contains("It is known and dealt with")'),
    click('.form-check:contains("It is known and dealt with") input'),
    click('.modal-footer button[name="action_dismiss"]'),
    see("body:not(:has(.modal))"),
    see('.o_statusbar_status:contains("Dismissed")'),
];

/** Who checks the draws makes one again: it holds, and another, of which a row was changed, does not. */
const VERIFY = [
    open("stock_cycle_count_draw_action"),
    click('.o_data_row:contains("Floor") [name="plan_id"], .o_kanban_record:contains("Floor")'),
    ...press("Verify"),
    read('.o_notification:contains("it comes to the same") .o_notification_content'),
    click('.o_back_button, .breadcrumb-item:contains("Random Draws") a'),
    click('.o_data_row:contains("Changed") [name="plan_id"], .o_kanban_record:contains("Changed")'),
    ...press("Verify"),
    read('.o_notification:contains("This draw differs") .o_notification_content'),
];

registry.category("web_tour.tours").add("stock_cycle_count_planning", {
    ...TOUR,
    steps: () => [...WHAT_IF, ...HINTS, ...VERIFY],
});
