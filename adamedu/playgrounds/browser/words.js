// What is seen, said in words.

import { LIMIT } from "./constants.js";
import { placeAt } from "./engine.js";
import { format, point } from "./numbers.js";

/**
 * Say where the chosen runner is, who is ahead, and who has left.
 * @param {View} view
 * @param {boolean} lossKnown
 */
export function inWords({ runners, chosen, step, steps }, lossKnown) {
  const said = [`Step ${step} of ${steps}: ${whereabouts(chosen, step, lossKnown)}.`];
  const ahead = leader(runners, step);
  if (lossKnown && ahead && ahead !== chosen) {
    said.push(`Lowest: ${ahead.label}, ${loss(ahead, step)}.`);
  }
  for (const { way, label } of runners) {
    if (hasLeft(way, step)) {
      said.push(`Diverged at step ${way.left}, beyond ${format(LIMIT)}: ${label}.`);
    }
  }
  return said.join(" ");
}

/** @type {(way: Way, step: number) => boolean} */
const hasLeft = ({ left }, step) => left !== null && left <= step;

/** @type {(runner: Runner, step: number, lossKnown: boolean) => string} */
function whereabouts(runner, step, lossKnown) {
  const { way, label } = runner;
  if (hasLeft(way, step)) return `${label} is far away`;
  const there = `${label} at ${point(placeAt(way, step))}`;
  return lossKnown ? `${there}, ${loss(runner, step)}` : there;
}

/** @type {(runner: Runner, step: number) => string} */
const loss = ({ way }, step) => `loss ${format(way.losses[Math.min(step, way.length - 1)], 3)}`;

/** @type {(runners: Runner[], step: number) => Runner | null} */
function leader(runners, step) {
  const present = runners.filter(({ way }) => step < way.length);
  const losses = present.map(({ way }) => way.losses[step]);
  return present.length > 1 ? present[losses.indexOf(Math.min(...losses))] : null;
}
