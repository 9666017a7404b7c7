// The current step of one runner as arrows: downhill, the average of the past, and what it did.

import { placeAt, valuesAt } from "./engine.js";
import { element } from "./elements.js";
import { format, nice } from "./numbers.js";

const GRADIENT = "#3d4852";
const MOMENTUM = "#7b2d8b";
const SEEN = 10; // pixels: a shorter step is drawn magnified, and the legend says so
const UNSEEN = 1e-4; // pixels: it has come to rest
const CLEAR = 28; // pixels: so far that it is clear

/**
 * List the arrows of step t, from where it began. Gradient and average share one scale, so that
 * they can be compared; the step is true to the map's scale where it can be seen.
 */
export function arrowsAt(runner, step, toPixel, longest) {
  const { way, look } = runner;
  if (step < 1 || step >= way.length) return [];
  const here = placeAt(way, step - 1);
  const coordinates = [...here.keys()];
  const from = toPixel(...here);
  const beyond = toPixel(...here.map((value) => value + 1));
  const values = coordinates.map((i) => valuesAt(way, runner, step, i));
  const of = (name) => coordinates.map((i) => values[i]?.[name] ?? NaN);
  const gradient = coordinates.map((i) => way.gradients[(step - 1) * way.size + i]);
  const move = placeAt(way, step).map((value, i) => value - here[i]);
  const pixels = ([x, y = 0]) => [x * (beyond[0] - from[0]), y * (beyond[1] - from[1])];
  const size = (vector) => Math.hypot(...pixels(vector));

  const drawn = [["−g", "downhill", gradient, GRADIENT]];
  if (of("m").every(Number.isFinite)) drawn.push(["−m", "average", of("m"), MOMENTUM]);
  const scale = longest / Math.max(...drawn.map(([, , vector]) => size(vector)));
  const arrows = drawn.map(([name, meaning, vector, color]) => {
    const to = pixels(vector).map((value, i) => from[i] - scale * value);
    return { name, meaning, color, width: 2, from: [...from], to, vector: vector.map((value) => -value) };
  });
  const length = size(move);
  if (length < UNSEEN) return [];
  const times = length > 0 && length < SEEN ? nice(CLEAR / length) : 1;
  const to = pixels(move).map((value, i) => from[i] + times * value);
  arrows.push({ name: "step", meaning: "step", color: look.color, width: 3.4, from, to, vector: move, times });
  return Number.isFinite(scale) ? arrows : arrows.slice(-1);
}

/** Show the arrows' legend: what each is, its numbers, and how it is magnified. */
export function showLegend(legend, arrows) {
  const parts = arrows.map(({ name, meaning, color, vector, times }) => {
    const part = element("span", "arrow");
    const sign = element("span", "sign", "➜");
    sign.style.color = color;
    const numbers = [...vector].map((value) => format(value, 2)).join(", ");
    const larger = times > 1 ? `, drawn ${format(times)}×` : "";
    const called = name === meaning ? name : `${name} ${meaning}`;
    part.append(sign, element("b", "", called), ` (${numbers})${larger}`);
    return part;
  });
  legend.replaceChildren(...(parts.length ? parts : ["Drag the ring to start elsewhere."]));
}
