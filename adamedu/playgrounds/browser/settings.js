// Who runs: a button for each runner. And with what: its hyperparameters, and the start.

import { button, element, range } from "./elements.js";
import { swatch } from "./drawing.js";
import { format, positionOf, valueAt } from "./numbers.js";

const POSITIONS = 400;
const UNDO = "M7 3.2V.8L2.2 4.6L7 8.4V6A4 4 0 1 1 4.6 13.2L3.2 14.8A6.2 6.2 0 1 0 7 3.2Z";

/** Make the row of runners: the pressed one's sliders and numbers are shown, a tick shows a path. */
export function makeRunners(runners, actions) {
  const root = element("div", "runners");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Runners");
  const chips = runners.map((runner) => {
    const chip = element("span", "chip");
    const tick = element("input");
    tick.type = "checkbox";
    tick.setAttribute("aria-label", `Show ${runner.label}`);
    tick.addEventListener("change", () => actions.showRunner(runner.id, tick.checked));
    const choose = element("button", "choose");
    choose.type = "button";
    choose.append(swatch(runner), element("span", "", runner.label));
    choose.addEventListener("click", () => actions.choose(runner.id));
    if (runners.length > 1) chip.append(tick);
    chip.append(choose);
    root.append(chip);
    return { runner, chip, tick, choose };
  });
  return {
    root,
    show({ chosen, visible }) {
      for (const { runner, chip, tick, choose } of chips) {
        const on = runner.id === chosen;
        chip.classList.toggle("chosen", on && runners.length > 1);
        choose.setAttribute("aria-pressed", String(on));
        tick.checked = visible[runner.id];
      }
    },
  };
}

/** One slider: symbol, name, value, and a way back to its first value. */
function makeSlider({ symbol, name, first, scale }, onChange) {
  const root = element("div", "slider");
  const named = name.endsWith(symbol);
  const input = range(named ? name : `${name} (${symbol})`, POSITIONS, (at) => onChange(valueAt(scale, at / POSITIONS)));
  const shown = element("span", "value");
  const undo = button(`Back to ${format(first)}`, UNDO, () => onChange(first));
  undo.classList.add("undo");
  input.addEventListener("dblclick", () => onChange(first));
  const heading = element("span", "name");
  heading.append(element("i", "", symbol), element("span", "", symbol === name ? "" : name));
  root.append(heading, input, shown, undo);
  return {
    root,
    show(value) {
      // Rounded values have many positions: the one that a hand has chosen stays.
      if (valueAt(scale, Number(input.value) / POSITIONS) !== value) {
        input.value = Math.round(positionOf(scale, value) * POSITIONS);
      }
      const text = format(value, 5);
      shown.textContent = text;
      input.setAttribute("aria-valuetext", text);
      undo.classList.toggle("idle", value === first);
      undo.disabled = value === first;
    },
  };
}

/** Make the sliders of the chosen runner, and those of the start. */
export function makeSettings(scene, actions) {
  const root = element("div", "settings");
  const heading = element("p", "heading");
  const own = element("div", "sliders");
  const together = element("label", "together");
  const all = element("input");
  all.type = "checkbox";
  all.addEventListener("change", () => actions.change({ together: all.checked }));
  together.append(all, element("span", "", "move the others' sliders of this name, too"));
  const starts = element("div", "sliders");
  const { domain, names } = scene.objective;
  const coordinates = (domain ?? []).map(([low, high], i) => {
    const slider = makeSlider(
      { symbol: names[i], name: `start ${names[i]}`, first: scene.start[i], scale: { scale: "linear", low, high } },
      (value) => actions.moveStart(i, value),
    );
    starts.append(slider.root);
    return slider;
  });
  root.append(heading, own);
  if (scene.runners.length > 1) root.append(together);
  if (coordinates.length) root.append(element("p", "heading", "Start"), starts);
  let shown = null;
  let sliders = [];
  return {
    root,
    show({ chosen, settings, start, together: joined }) {
      const runner = scene.runners.find(({ id }) => id === chosen);
      if (shown !== chosen) {
        shown = chosen;
        heading.textContent = `${runner.label}: hyperparameters`;
        sliders = runner.sliders.map((slider) => [
          slider.name,
          makeSlider({ ...slider, first: slider.value, scale: slider }, (value) => actions.set(chosen, slider.name, value)),
        ]);
        own.replaceChildren(...sliders.map(([, { root: one }]) => one));
      }
      for (const [name, slider] of sliders) slider.show(settings[chosen][name]);
      coordinates.forEach((slider, i) => slider.show(start[i]));
      all.checked = joined;
    },
  };
}
