/** @odoo-module **/

import { loadBundle } from "@web/core/assets";
import { DEFAULT_BG, getColor, hexToRGBA } from "@web/core/colors/colors";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";

/**
 * Data of a chart about the saved record of a view widget. They are asked for at first, and again whenever the record
 * is saved or reloaded; what arrives late, after newer data, is dropped.
 *
 * @param {string} method of the record's model, called with the id of the record
 * @returns {{data: Object|null, load: Function}} reactive; `load` asks again, with keyword arguments
 *     that hold from then on
 */
export function useChartData(method) {
    const orm = useService("orm");
    const chart = useState({ data: null, load });
    let saved = {};
    let asked = {};
    let request = 0;
    async function load(kwargs = asked) {
        asked = kwargs;
        const mine = ++request;
        const data = saved.id ? await orm.call(saved.model, method, [saved.id], kwargs) : null;
        if (mine === request) {
            chart.data = data;
        }
    }
    useRecordObserver((record) => {
        // Observed, because saving and reloading replace the values as a whole.
        void record.data;
        saved = { model: record.resModel, id: record.resId };
        return load();
    });
    return chart;
}

/** Colours of Odoo's palette that are far from each other, bright and dark. */
const CLASS_COLORS = [0, 1, 4, 8, 18, 13];

/** Which of Odoo's palettes the page wants: it is dark where its text is light, whatever a cookie asks for. */
export function getScheme() {
    const [red, green, blue] = getComputedStyle(document.body).color.match(/\d+/g).map(Number);
    return red + green + blue > 382 ? "dark" : "light";
}

/** Colour of a class by its place among the classes, the same in all charts; without a place, that of "no class". */
export function classColor(index) {
    return index < 0
        ? DEFAULT_BG
        : getColor(CLASS_COLORS[index % CLASS_COLORS.length], getScheme());
}

export { hexToRGBA };

/**
 * A Chart.js chart: drawn when its data change, destroyed with the component, in the colours of the page around it,
 * and said in a sentence for those who do not see it.
 */
export class CountChart extends Component {
    static template = "stock_cycle_count.CountChart";
    static props = {
        data: Object,
        summary: String,
        // (data, {text, grid}) => configuration of Chart.js, without the options that all charts share
        getConfig: Function,
        slots: { type: Object, optional: true },
    };

    setup() {
        this.canvasRef = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvasRef.el, this.config);
                return () => chart.destroy();
            },
            () => [this.props.data]
        );
    }

    get config() {
        const text = getComputedStyle(this.canvasRef.el).color;
        const grid = text.replace(/^rgba?\(([^,]+,[^,]+,[^,)]+).*/, "rgba($1, 0.15)");
        const config = this.props.getConfig(this.props.data, { text, grid });
        config.options.animation = false;
        config.options.maintainAspectRatio = false;
        for (const scale of Object.values(config.options.scales)) {
            scale.grid = { color: grid, ...scale.grid };
            scale.ticks = { color: text, ...scale.ticks };
            scale.title = { display: Boolean(scale.title), color: text, ...scale.title };
        }
        return config;
    }
}
