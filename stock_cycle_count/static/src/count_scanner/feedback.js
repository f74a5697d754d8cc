/** @odoo-module **/

import { browser } from "@web/core/browser/browser";

/** What each kind of message sounds and feels like: tones as [Hz, start, end] in seconds, vibration in ms. */
const SIGNALS = {
    ok: { tones: [[1760, 0, 0.08]], vibration: [40] },
    warning: { tones: [[880, 0, 0.12], [880, 0.2, 0.32]], vibration: [80, 60, 80] },
    error: { tones: [[220, 0, 0.5]], vibration: [400] },
};

let audio = null;

/**
 * Sound and vibrate. A browser that allows no sound before the user touched the page stays silent; messages are always
 * shown as well.
 *
 * @param {"ok"|"warning"|"error"} signal
 */
export function play(signal) {
    const { tones, vibration } = SIGNALS[signal];
    const { userActivation } = browser.navigator;
    if (userActivation && !userActivation.hasBeenActive) {
        return;
    }
    if (browser.navigator.vibrate) {
        browser.navigator.vibrate(vibration);
    }
    // What is to be seen comes first: to make sounds takes a slow phone as long as to show what was counted.
    browser.requestAnimationFrame(() => browser.setTimeout(() => sound(tones)));
}

function sound(tones) {
    const AudioContext = window.AudioContext || window.webkitAudioContext;
    if (!AudioContext) {
        return;
    }
    audio = audio || new AudioContext();
    if (audio.state === "suspended") {
        audio.resume();
    }
    for (const [frequency, start, end] of tones) {
        const oscillator = audio.createOscillator();
        const volume = audio.createGain();
        oscillator.type = "square";
        oscillator.frequency.value = frequency;
        volume.gain.value = 0.15;
        oscillator.connect(volume).connect(audio.destination);
        oscillator.start(audio.currentTime + start);
        oscillator.stop(audio.currentTime + end);
    }
}
