// Who runs: a button for each runner. And with what: its hyperparameters, and the start.

import { swatch } from "./drawing.js";
import { button, element, group, range, signed, tickbox } from "./elements.js";
import { format, positionOf, valueAt } from "./numbers.js";

const POSITIONS = 400;
const UNDO = "M7 3.2V.8L2.2 4.6L7 8.4V6A4 4 0 1 1 4.6 13.2L3.2 14.8A6.2 6.2 0 1 0 7 3.2Z";

/**
 * Make the row of runners: the pressed one's sliders and numbers are shown, a tick shows a path.
 * @param {RunnerScene[]} runners
 * @param {Actions} actions
 */
export function makeRunners(runners, actions) {
  const root = group("Runners", "runners");
  const chips = runners.map((runner) => {
    const { id } = runner;
    const chip = element("span", "chip");
    const tick = tickbox((on) => actions.showRunner(id, on));
    tick.setAttribute("aria-label", `Show ${runner.label}`);
    const choose = button("", () => actions.change({ chosen: id }), "choose");
    choose.append(swatch(runner), element("span", "", runner.label));
    chip.append(tick, choose);
    root.append(chip);
    return { id, chip, tick, choose };
  });
  return {
    root,
    /** @param {State} state */
    show({ chosen, visible }) {
      for (const { id, chip, tick, choose } of chips) {
        const on = id === chosen;
        chip.classList.toggle("chosen", on);
        choose.setAttribute("aria-pressed", String(on));
        tick.checked = visible[id];
      }
    },
  };
}

/**
 * One slider: symbol, name, value, and a way back to its first value.
 * @param {Slider} slider
 * @param {(value: number) => void} onChange
 */
function makeSlider(slider, onChange) {
  const { symbol, name, value: first } = slider;
  const root = element("div", "slider");
  const title = name.endsWith(symbol) ? name : `${name} (${symbol})`;
  const input = range(title, POSITIONS, (at) => onChange(valueAt(slider, at / POSITIONS)));
  const shown = element("span", "value");
  const goBack = () => onChange(first);
  const undo = signed(`Back to ${format(first)}`, UNDO, goBack, "undo");
  input.addEventListener("dblclick", goBack);
  const heading = element("span", "name");
  heading.append(element("i", "", symbol), element("span", "", symbol === name ? "" : name));
  root.append(heading, input, shown, undo);
  return {
    root,
    /** @param {number} value */
    show(value) {
      // Rounded values have many positions: the one that a hand has chosen stays.
      if (valueAt(slider, input.valueAsNumber / POSITIONS) !== value) {
        input.valueAsNumber = Math.round(positionOf(slider, value) * POSITIONS);
      }
      const text = format(value, 5);
      shown.textContent = text;
      input.setAttribute("aria-valuetext", text);
      undo.classList.toggle("idle", value === first);
      undo.disabled = value === first;
    },
  };
}

/**
 * Make the sliders of the chosen runner, and those of the start.
 * @param {Scene} scene
 * @param {Actions} actions
 */
export function makeSettings({ runners, objective, start: origin }, actions) {
  const root = element("div", "settings");
  const heading = element("p", "heading");
  const own = element("div", "sliders");
  const together = element("label", "together");
  const all = tickbox((on) => actions.change({ together: on }));
  together.append(all, element("span", "", "move the others' sliders of this name, too"));
  const starts = element("div", "sliders");
  const coordinates = (objective.domain ?? []).map(([low, high], i) => {
    const symbol = objective.names?.[i] ?? "";
    /** @type {Slider} */
    const slider = {
      symbol,
      name: `start ${symbol}`,
      value: origin[i],
      scale: "linear",
      low,
      high,
    };
    return makeSlider(slider, (value) => actions.moveStart(i, value));
  });
  starts.append(...coordinates.map((slider) => slider.root));
  root.append(heading, own);
  if (runners.length > 1) root.append(together);
  if (coordinates.length > 0) root.append(element("p", "heading", "Start"), starts);
  let shown = "";
  /** @type {[string, ReturnType<typeof makeSlider>][]} */
  let sliders = [];
  return {
    root,
    /**
     * @param {State} state
     * @param {Runner} runner
     */
    show({ settings, start, together: joined }, { id, label, sliders: given }) {
      if (shown !== id) {
        shown = id;
        heading.textContent = `${label}: hyperparameters`;
        sliders = given.map((slider) => {
          const { name } = slider;
          return [name, makeSlider(slider, (value) => actions.set(id, name, value))];
        });
        own.replaceChildren(...sliders.map(([, slider]) => slider.root));
      }
      for (const [name, slider] of sliders) slider.show(settings[id][name]);
      for (const [i, slider] of coordinates.entries()) slider.show(start[i]);
      all.checked = joined;
    },
  };
}
