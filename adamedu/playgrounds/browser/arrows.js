// The current step of one runner as arrows: downhill, the average of the past, and what it did.

import { element } from "./elements.js";
import { placeAt, valuesAt } from "./engine.js";
import { format, nice } from "./numbers.js";

const GRADIENT = "#3d4852";
const MOMENTUM = "#7b2d8b";
const SEEN = 10; // pixels: a shorter step is drawn magnified, and the legend says so
const UNSEEN = 1e-4; // pixels: it has come to rest
const CLEAR = 28; // pixels: so far that it is clear

/**
 * List the arrows of step t, from where it began. Gradient and average share one scale, so that
 * they can be compared; the step is true to the map's scale where it can be seen.
 * @param {Runner} runner
 * @param {number} step
 * @param {(point: Iterable<number>) => Pixel} toPixel
 * @param {number} longest
 * @returns {Arrow[]}
 */
export function arrowsAt(runner, step, toPixel, longest) {
  const { way } = runner;
  if (step < 1 || step >= way.length) return [];
  const here = placeAt(way, step - 1);
  const coordinates = [...here.keys()];
  const from = toPixel(here);
  const beyond = toPixel(here.map((value) => value + 1));
  const downhill = coordinates.map((i) => -way.gradients[(step - 1) * way.size + i]);
  const average = coordinates.map((i) => -(valuesAt(way, runner, step, i)?.m ?? NaN));
  const move = coordinates.map((i) => placeAt(way, step)[i] - here[i]);
  const pixels = ([x, y = 0] = move) => [x * (beyond[0] - from[0]), y * (beyond[1] - from[1])];
  const size = (vector = move) => Math.hypot(...pixels(vector));

  /** @type {(vector: number[], scale: number) => Pixel} */
  const end = (vector, factor) => {
    const [right, down] = pixels(vector);
    return [from[0] + factor * right, from[1] + factor * down];
  };
  /** @type {(name: string, meaning: string, color: string, vector: number[]) => Arrow} */
  const arrow = (name, meaning, color, vector) => ({
    name,
    meaning,
    color,
    vector,
    from: [...from],
    to: from,
    times: 1,
    width: 2,
  });
  const arrows = [arrow("−g", "downhill", GRADIENT, downhill)];
  if (average.every(Number.isFinite)) arrows.push(arrow("−m", "average", MOMENTUM, average));
  const scale = longest / Math.max(...arrows.map((one) => size(one.vector)));
  for (const drawn of arrows) drawn.to = end(drawn.vector, scale);
  const length = size();
  if (length < UNSEEN) return [];
  const times = length < SEEN ? nice(CLEAR / length) : 1;
  const made = { ...arrow("step", "step", runner.color, move), times, width: 3.4 };
  made.to = end(move, times);
  return Number.isFinite(scale) ? [...arrows, made] : [made];
}

/**
 * Show the arrows' legend: what each is, its numbers, and how it is magnified.
 * @param {HTMLElement} legend
 * @param {Arrow[]} arrows
 */
export function showLegend(legend, arrows) {
  const parts = arrows.map(({ name, meaning, color, vector, times }) => {
    const part = element("span", "arrow");
    const sign = element("span", "sign", "➜");
    sign.style.color = color;
    const numbers = vector.map((value) => format(value, 2)).join(", ");
    const larger = times > 1 ? `, drawn ${format(times)}×` : "";
    const called = name === meaning ? name : `${name} ${meaning}`;
    part.append(sign, element("b", "", called), ` (${numbers})${larger}`);
    return part;
  });
  legend.replaceChildren(...(parts.length > 0 ? parts : ["Drag the ring to start elsewhere."]));
}
