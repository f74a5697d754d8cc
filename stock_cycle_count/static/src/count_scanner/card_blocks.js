/** @odoo-module **/

import { onMounted, onPatched, onWillUnmount, useComponent } from "@odoo/owl";

/** So many cards are drawn together. */
const BLOCK = 10;
/** Height of a card that was never drawn, in pixels. */
const CARD_HEIGHT = 72;
/** Blocks that are drawn at first, until it is known which are near the view. */
const FIRST = ["left/0", "left/1", "done/0"];

/**
 * Blocks of cards, of which only those near the view are drawn; the others keep their room. So a bin of a thousand lines
 * costs what one of thirty does.
 *
 * @param {Object} root reference to what is scrolled
 */
export function useBlocks(root) {
    const component = useComponent();
    const near = new Set(FIRST);
    const heights = new Map();
    const watched = new Set();
    let observer = null;

    function onSeen(entries) {
        let isChanged = false;
        for (const { target, isIntersecting, boundingClientRect } of entries) {
            const { key } = target.dataset;
            if (isIntersecting === near.has(key)) {
                continue;
            }
            isChanged = true;
            if (isIntersecting) {
                near.add(key);
            } else {
                near.delete(key);
                heights.set(key, boundingClientRect.height);
            }
        }
        if (isChanged) {
            component.render();
        }
    }

    function watch() {
        for (const block of root.el.querySelectorAll(".o_scanner_block")) {
            if (!watched.has(block)) {
                observer.observe(block);
                watched.add(block);
            }
        }
        for (const block of watched) {
            if (!block.isConnected) {
                observer.unobserve(block);
                watched.delete(block);
            }
        }
    }

    onMounted(() => {
        // A screen more on both sides is ready before it is scrolled to.
        observer = new IntersectionObserver(onSeen, { root: root.el, rootMargin: "100% 0px" });
        watch();
    });
    onPatched(watch);
    onWillUnmount(() => observer.disconnect());

    return {
        /**
         * @param {string} name of a list
         * @param {Array} cards all of it
         * @param {Function} isDrawn whether a card is drawn wherever it is
         * @returns {Array} `{ key, cards, style }`: the cards that are drawn of each block, or the room that it keeps
         */
        cut(name, cards, isDrawn) {
            const blocks = [];
            for (let start = 0; start < cards.length; start += BLOCK) {
                const key = `${name}/${start / BLOCK}`;
                const members = cards.slice(start, start + BLOCK);
                const isNear = near.has(key) || members.some(isDrawn);
                const height = heights.get(key) || members.length * CARD_HEIGHT;
                blocks.push({ key, cards: isNear ? members : [], style: isNear ? "" : `height: ${height}px` });
            }
            return blocks;
        },
    };
}
