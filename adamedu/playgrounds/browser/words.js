// What is seen, said in words.

import { placeAt } from "./engine.js";
import { format, point } from "./numbers.js";

/** Say where the chosen runner is, who is ahead, and who has left. */
export function inWords({ runners, chosen, step, steps, lossKnown }) {
  const said = [`Step ${step} of ${steps}: ${whereabouts(chosen, step, lossKnown)}.`];
  const ahead = leader(runners, step);
  if (lossKnown && ahead && ahead !== chosen) {
    said.push(`Lowest: ${ahead.look.label}, ${loss(ahead.way, step)}.`);
  }
  for (const { way, look } of runners) {
    if (way.left !== null && way.left <= step) {
      said.push(`Diverged at step ${way.left}, beyond 10¹²: ${look.label}.`);
    }
  }
  return said.join(" ");
}

function whereabouts({ way, look }, step, lossKnown) {
  if (way.left !== null && way.left <= step) return `${look.label} is far away`;
  const there = `${look.label} at ${point(placeAt(way, step))}`;
  return lossKnown ? `${there}, ${loss(way, step)}` : there;
}

const loss = (way, step) => `loss ${format(way.losses[Math.min(step, way.length - 1)], 3)}`;

function leader(runners, step) {
  const present = runners.filter(({ way }) => step < way.length);
  const losses = present.map(({ way }) => way.losses[step]);
  return present.length > 1 ? present[losses.indexOf(Math.min(...losses))] : null;
}

/** Name the minima: the lowest ones are global. */
export function minimaNames({ minima }, surface) {
  const depths = minima.map((minimum) => surface(...minimum)[0]);
  const lowest = Math.min(...depths);
  const global = depths.map((depth) => depth - lowest <= 1e-8 + 1e-5 * Math.abs(lowest));
  if (global.every(Boolean)) return minima.map(() => "minimum");
  return global.map((is) => (is ? "global minimum" : "local minimum"));
}
