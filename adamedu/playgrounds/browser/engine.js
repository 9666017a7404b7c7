// Make the steps: what `descend` does, with the functions that were generated from Python.

import { LIMIT } from "./constants.js";

/**
 * Load the scene's generated functions: one step for each runner, and the surface.
 * @param {Scene} scene
 * @returns {Promise<Functions>}
 */
export async function load({ runners, objective }) {
  const codes = runners.map(({ code }) => code);
  return await evaluate(`{ steps: [${codes.map(String)}], surface: ${objective.code ?? null} }`);
}

/**
 * @param {string} text
 * @returns {Promise<Functions>}
 */
async function evaluate(text) {
  const type = "text/javascript";
  const address = URL.createObjectURL(new Blob([`export default ${text};`], { type }));
  try {
    return (await import(address)).default;
  } catch {
    return new Function(`"use strict"; return ${text};`)();
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * Run one runner from a start: theta, losses and gradients, row after row, and the state before
 * each step. A run that leaves, beyond `LIMIT`, ends before that step, `left`; `length` counts rows.
 * @param {Step} step
 * @param {Surface | null} surface
 * @param {Objective} objective
 * @param {{ start: number[], steps: number, values: number[] }} task
 */
export function walk(step, surface, objective, { start, steps, values }) {
  const size = start.length;
  const way = { ...blank(start, objective.values?.length ?? steps), step, values };
  let state = start.map(() => new Array(step.length - 3 - values.length).fill(0));
  let near = look(way, surface, objective, 0);
  for (let t = 1; near && t < way.rows; t++) {
    const at = (t - 1) * size;
    way.states[t - 1] = state;
    const next = [];
    for (let i = 0; i < size; i++) {
      const results = step(way.theta[at + i], way.gradients[at + i], t, ...state[i], ...values);
      way.theta[at + size + i] = results[0];
      next.push(results.slice(1, -1));
    }
    state = next;
    near = look(way, surface, objective, t);
  }
  return way;
}

/**
 * Take the path that the kernel has computed, float64 row after row.
 * @param {DataView<ArrayBuffer> | null} buffer
 * @param {Surface | null} surface
 * @param {Objective} objective
 * @param {{ start: number[] }} task
 */
export function follow(buffer, surface, objective, { start }) {
  const bytes = buffer?.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
  const path = new Float64Array(bytes ?? []);
  const way = blank(start, Math.max(0, path.length / start.length - 1));
  way.theta.set(path);
  for (let t = 0; t < way.rows && look(way, surface, objective, t); t++);
  return way;
}

/**
 * A way that stays at its start.
 * @param {number[]} start
 * @param {number} count
 * @returns {Way}
 */
export function blank(start, count) {
  const rows = count + 1;
  const theta = new Float64Array(rows * start.length);
  theta.set(start);
  return {
    size: start.length,
    rows,
    length: rows,
    left: null,
    theta,
    gradients: new Float64Array(theta.length),
    losses: new Float64Array(rows),
    states: [],
    step: null,
    values: [],
  };
}

/**
 * Find the loss and the gradient at a row; say whether it is near enough to be shown.
 * @param {Way} way
 * @param {Surface | null} surface
 * @param {Objective} objective
 * @param {number} row
 */
function look(way, surface, objective, row) {
  const at = row * way.size;
  const given = objective.values?.[row] ?? [];
  const [loss, slopes] = surface?.(way.theta[at], way.theta[at + 1]) ?? [0, given];
  way.losses[row] = loss;
  let near = Math.abs(loss) <= LIMIT;
  for (let i = 0; i < way.size; i++) {
    near &&= Math.abs(way.theta[at + i]) <= LIMIT;
    way.gradients[at + i] = slopes[i] + (objective.noise?.[row]?.[i] ?? 0);
  }
  if (!near) {
    way.left = row;
    way.length = row;
  }
  return near;
}

/**
 * Where a way is at a step: one row of theta, the last one where it has left.
 * @param {Way} way
 * @param {number} step
 */
export function placeAt(way, step) {
  const row = Math.min(Math.max(step, 0), way.length - 1);
  return way.theta.subarray(row * way.size, (row + 1) * way.size);
}

/**
 * Every named value of update t along one coordinate, and what went in; null where it isn't known.
 * @param {Way} way
 * @param {RunnerScene} runner
 * @param {number} t
 * @param {number} coordinate
 */
export function valuesAt(way, runner, t, coordinate) {
  const state = way.states[t - 1]?.[coordinate];
  if (!(state && way.step)) return null;
  const at = (t - 1) * way.size + coordinate;
  const [theta, g] = [way.theta[at], way.gradients[at]];
  const results = way.step(theta, g, t, ...state, ...way.values);
  /** @type {Named} */
  const known = { theta_prev: theta, g, t };
  Object.assign(known, results.at(-1));
  for (const [i, name] of runner.state.entries()) known[`${name}_prev`] = state[i];
  for (const [i, { name }] of runner.sliders.entries()) known[name] = way.values[i];
  return known;
}

/**
 * One quantity over the steps: the loss, the length of the move, or a named value; NaN where there
 * is none.
 * @param {Way} way
 * @param {RunnerScene} runner
 * @param {string} name
 * @param {number} coordinate
 */
export function quantity(way, runner, name, coordinate) {
  if (name === "loss") return way.losses.subarray(0, way.length);
  const found = new Float64Array(way.length).fill(NaN);
  for (let t = 1; t < way.length; t++) {
    const at = t * way.size + coordinate;
    if (name === "move") found[t] = Math.abs(way.theta[at] - way.theta[at - way.size]);
    else if (name === "g") found[t] = way.gradients[at - way.size];
    else if (name === "theta") found[t] = way.theta[at];
    else found[t] = valuesAt(way, runner, t, coordinate)?.[name] ?? NaN;
  }
  return found;
}
