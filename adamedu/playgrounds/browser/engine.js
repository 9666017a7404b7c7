// Make the steps: what `descend` does, with the functions that were generated from Python.

const LIMIT = 1e12;

/** Load the scene's generated functions: one step for each runner, and the surface. */
export async function load(scene) {
  const texts = [...scene.runners.map((runner) => runner.code), scene.objective.code ?? null];
  const functions = await evaluate(`[${texts.map((text) => text ?? "null").join(",\n")}]`);
  return { steps: functions.slice(0, -1), surface: functions.at(-1) };
}

async function evaluate(text) {
  const address = URL.createObjectURL(new Blob([`export default ${text};`], { type: "text/javascript" }));
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
 * each step. A run that leaves, beyond 1e12, ends before that step, `left`; `length` counts rows.
 */
export function walk(step, surface, objective, { start, steps, values }) {
  const size = start.length;
  const way = blank(start, objective.kind === "gradients" ? objective.values.length : steps);
  Object.assign(way, { step, values });
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

/** Take the path that the kernel has computed, float64 row after row. */
export function follow(buffer, surface, objective, { start }) {
  const path = buffer ? new Float64Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength)) : [];
  const way = blank(start, Math.max(0, path.length / start.length - 1));
  way.theta.set(path);
  for (let t = 0; t < way.rows && look(way, surface, objective, t); t++);
  return way;
}

function blank(start, count) {
  const rows = count + 1;
  const theta = new Float64Array(rows * start.length);
  theta.set(start);
  const gradients = new Float64Array(theta.length);
  const losses = new Float64Array(rows);
  return { size: start.length, rows, length: rows, left: null, theta, gradients, losses, states: [] };
}

/** Find the loss and the gradient at a row; say whether it is near enough to be shown. */
function look(way, surface, objective, row) {
  const at = row * way.size;
  let loss = 0;
  let slopes = [];
  if (surface) [loss, slopes] = surface(way.theta[at], way.theta[at + 1]);
  else slopes = [objective.values[row] ?? []].flat();
  way.losses[row] = loss;
  let near = Math.abs(loss) <= LIMIT;
  for (let i = 0; i < way.size; i++) {
    near &&= Math.abs(way.theta[at + i]) <= LIMIT;
    way.gradients[at + i] = slopes[i] + (objective.noise?.[row]?.[i] ?? 0);
  }
  if (!near) way.left = way.length = row;
  return near;
}

/** Where a way is at a step: one row of theta, the last one where it has left. */
export function placeAt(way, step) {
  const row = Math.min(Math.max(step, 0), way.length - 1);
  return way.theta.subarray(row * way.size, (row + 1) * way.size);
}

/** Every named value of update t along one coordinate, and what went in; null where it isn't known. */
export function valuesAt(way, runner, t, coordinate) {
  if (!way.states[t - 1]) return null;
  const at = (t - 1) * way.size + coordinate;
  const state = way.states[t - 1][coordinate];
  const results = way.step(way.theta[at], way.gradients[at], t, ...state, ...way.values);
  const known = { theta_prev: way.theta[at], g: way.gradients[at], t, ...results.at(-1) };
  runner.state.forEach((name, i) => { known[`${name}_prev`] = state[i]; });
  runner.sliders.forEach((slider, i) => { known[slider.name] = way.values[i]; });
  return known;
}

/** One quantity over the steps: the loss, the length of the move, or a named value; NaN where there is none. */
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
