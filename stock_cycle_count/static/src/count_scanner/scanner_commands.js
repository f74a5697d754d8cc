/** @odoo-module **/

/**
 * Labels that stand for buttons, for hands that hold a scanner or wear gloves. They are printed on count sheets and on a
 * poster (`report/stock_cycle_count_commands.xml`), and begin as Odoo's own labels for buttons do.
 */
export const COMMANDS = {
    "O-BTN.ok": "ok",
    "O-BTN.undo": "undo",
    "O-BTN.empty": "empty",
    "O-BTN.next": "next",
    "O-BTN.close": "close",
};
