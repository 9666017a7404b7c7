// Play and pause, one step back or forward, the step, the speed, how many steps.

import { element, labelled, range, sign, signed } from "./elements.js";

const PLAY = "M4 2.5L15.5 9L4 15.5Z";
const PAUSE = "M4 2.5H7.5V15.5H4ZM10.5 2.5H14V15.5H10.5Z";
const FORWARD = "M3.5 3L11 9L3.5 15ZM12 3H14.5V15H12Z";
const BACK = "M14.5 3L7 9L14.5 15ZM6 3H3.5V15H6Z";
const RESET = "M9 2.5A6.5 6.5 0 1 1 3.1 6.3L5 7.2A4.4 4.4 0 1 0 9 4.6V7.5L4.8 3.9L9 .2Z";
const SPEEDS = [
  ["¼×", "0.25"],
  ["½×", "0.5"],
  ["1×", "1"],
  ["2×", "2"],
  ["4×", "4"],
];

/**
 * Make the bar.
 * @param {Actions} actions
 * @param {number} most
 */
export function makeTransport(actions, most) {
  const root = element("div", "transport");
  const play = signed("Play", PLAY, () => actions.play(), "play");
  const back = signed("One step back", BACK, () => actions.go((step) => step - 1));
  const forward = signed("One step forward", FORWARD, () => actions.go((step) => step + 1));
  const reset = signed("Back to how it was", RESET, () => actions.reset());
  const slider = range("Step", 1, (step) => actions.go(() => step));
  slider.classList.add("step");
  const count = element("span", "count");
  const speed = element("select");
  for (const [name, value] of SPEEDS) speed.append(new Option(name, value));
  speed.addEventListener("change", () => actions.change({ speed: Number(speed.value) }));
  const steps = element("input");
  Object.assign(steps, { type: "number", min: 1, max: most, step: 1 });
  steps.addEventListener("change", () => {
    const wanted = Math.round(steps.valueAsNumber);
    if (wanted >= 1) actions.change({ steps: Math.min(most, wanted) });
    else steps.valueAsNumber = actions.state().steps;
  });
  const buttons = element("div", "buttons");
  buttons.append(play, back, forward);
  const timeline = element("div", "timeline");
  timeline.append(slider, count);
  const options = element("div", "options");
  options.append(labelled("steps", steps), labelled("speed", speed), reset);
  root.append(buttons, timeline, options);
  return {
    root,
    /** @param {State} state */
    show({ step, steps: all, playing, speed: fast }) {
      if (play.dataset.playing !== String(playing)) {
        play.dataset.playing = String(playing);
        sign(play, playing ? "Pause" : "Play", playing ? PAUSE : PLAY);
      }
      slider.max = String(all);
      slider.valueAsNumber = step;
      const told = `step ${step} of ${all}`;
      slider.setAttribute("aria-valuetext", told);
      count.textContent = told;
      if (document.activeElement !== steps) steps.valueAsNumber = all;
      speed.value = String(fast);
      back.disabled = step === 0;
      forward.disabled = step === all;
    },
  };
}
