// The curve beside the map: one quantity over the steps, each runner named at its line's end.

import { DECADES, INK, LINE_WIDTH, SOFT } from "./constants.js";
import { FONT, GRID, label, marker, sharp, spread } from "./drawing.js";
import { quantity } from "./engine.js";
import { decades, format, linearTicks, superscript } from "./numbers.js";

const EDGES = { left: 46, top: 14, bottom: 36 };
const LINE = 16; // pixels between names
const SWATCH = 26;
const BELOW = 10_000; // pixels: where a logarithmic axis has what is 0
const CALLED = new Map([
  ["g", "gₜ"],
  ["move", "length of the move"],
]);

/** @typedef {{ runner: Runner, values: Float64Array }} Drawn */
/** @typedef {(t: number) => number} Across */

/**
 * Make the curve; `draw` shows the runners' quantity up to the step, and faintly beyond.
 * @param {HTMLCanvasElement} canvas
 * @param {CurveScene} curve
 * @returns {CurvePanel}
 */
export function makeCurve(canvas, curve) {
  let box = { x: 0, y: 0, width: 1, height: 1 };
  let steps = 1;
  const before = curve.bars ? 0.5 : 0; // half a bar stands before the first step
  return {
    height: (count) => EDGES.top + EDGES.bottom + LINE * count,
    stepAt: (x) => {
      const at = Math.round(before + ((x - box.x) / box.width) * steps);
      return Math.min(steps, Math.max(0, at));
    },
    draw(width, height, view) {
      const context = sharp(canvas, width, height);
      const lines = view.runners.map((runner) => ({
        runner,
        values: quantity(runner.way, runner, curve.quantity, view.coordinate),
      }));
      ({ steps } = view);
      context.font = `12px ${FONT}`;
      const widths = lines.map(({ runner }) => context.measureText(runner.label).width);
      const widest = Math.max(0, ...widths) + SWATCH + 10;
      const named = !curve.bars && widest < 0.4 * width;
      box = {
        x: EDGES.left,
        y: EDGES.top,
        width: width - EDGES.left - (named ? widest : 12),
        height: height - EDGES.top - EDGES.bottom,
      };
      const axis = verticalAxis(lines, curve, box);
      /** @type {Across} */
      const across = (t) => box.x + (Math.max(0, t - before) / steps) * box.width;
      drawFrame(context, box, axis, across, view, curve);
      context.save();
      context.beginPath();
      context.rect(box.x - 1, box.y - 2, box.width + 3, box.height + 4);
      context.clip();
      if (curve.bars) drawBars(context, lines, view, across, axis, box);
      else for (const line of lines) drawLine(context, line, view, across, axis);
      context.restore();
      drawCursor(context, view, curve.bars ? [] : lines, across, axis, box);
      if (named) drawNames(context, lines, axis, box);
    },
  };
}

/**
 * Choose the vertical axis: where a value stands, and which are written beside it.
 * @param {Drawn[]} lines
 * @param {CurveScene} curve
 * @param {Box} box
 * @returns {Axis}
 */
function verticalAxis(lines, curve, box) {
  const [low, high] = bounds(lines, () => true);
  const logarithmic = curve.scale === "log" && low >= 0 && high > 0;
  if (!logarithmic) return linearAxis(low, high, curve.bars, box);
  const [lowest] = bounds(lines, (value) => value > 0);
  return logAxis(lowest, high, box);
}

/** @type {(lines: Drawn[], counts: (value: number) => boolean) => [number, number]} */
function bounds(lines, counts) {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of lines) {
    for (const value of values) {
      if (value < low && counts(value)) low = value;
      if (value > high && counts(value)) high = value;
    }
  }
  return low > high ? [0, 1] : [low, high];
}

/** @type {(low: number, high: number, box: Box) => Axis} */
function logAxis(low, high, box) {
  const top = Math.log10(high) + 0.15;
  const bottom = Math.max(Math.log10(low) - 0.15, top - DECADES);
  const ratio = box.height / (top - bottom);
  return {
    up: (value) => box.y + (value > 0 ? (top - Math.log10(value)) * ratio : BELOW),
    ticks: decades(bottom, top, box.height / 26).map((tick) => [
      tick,
      `10${superscript(Math.round(Math.log10(tick)))}`,
    ]),
  };
}

/** @type {(low: number, high: number, bars: boolean, box: Box) => Axis} */
function linearAxis(low, high, bars, box) {
  const flat = high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high));
  const least = bars || low > 0 || flat ? Math.min(0, low) : low;
  let most = bars || flat ? Math.max(0, high) : high;
  if (most === least) most = least + 1;
  const room = 0.06 * (most - least);
  const [bottom, top] = [least === 0 ? 0 : least - room, most + room];
  return {
    up: (value) => box.y + ((top - value) / (top - bottom)) * box.height,
    ticks: linearTicks(bottom, top, box.height / 34).map((tick) => [tick, format(tick)]),
  };
}

/**
 * What stands above the curve: a named line's symbol.
 * @param {string} name
 * @param {Runner[]} runners
 */
function called(name, runners) {
  const line = runners.flatMap(({ lines }) => lines).find((one) => one.name === name);
  return line?.symbol ?? CALLED.get(name) ?? name;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {Axis} axis
 * @param {Across} across
 * @param {View} view
 * @param {CurveScene} curve
 */
function drawFrame(context, box, axis, across, { steps, coordinate, names, runners }, curve) {
  const bottom = box.y + box.height;
  context.fillStyle = GRID;
  for (const [tick, text] of axis.ticks) {
    const y = axis.up(tick);
    context.fillRect(box.x, y - 0.5, box.width, tick === 0 ? 1.5 : 1);
    label(context, text, box.x - 7, y, { align: "right", color: SOFT, size: 11 });
  }
  for (const tick of linearTicks(0, steps, Math.min(steps, box.width / 55))) {
    const place = { align: "center", color: SOFT, size: 11 };
    label(context, format(tick), across(tick), bottom + 12, place);
  }
  const small = { color: SOFT, size: 11.5 };
  label(context, "step t", box.x + box.width / 2, bottom + 27, { align: "center", ...small });
  const along = curve.quantity !== "loss" && names.length > 1 ? ` along ${names[coordinate]}` : "";
  label(context, called(curve.quantity, runners) + along, 6, 8, small);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Drawn} line
 * @param {View} view
 * @param {Across} across
 * @param {Axis} axis
 */
function drawLine(context, { runner, values }, { step, chosen }, across, axis) {
  const last = Math.min(step, values.length - 1);
  context.strokeStyle = runner.color;
  context.setLineDash(runner.dash);
  context.lineWidth = LINE_WIDTH * (runner === chosen ? 1.5 : 1);
  for (const [from, to, alpha] of [
    [last, values.length - 1, 0.28],
    [0, last, 1],
  ]) {
    context.globalAlpha = alpha;
    context.beginPath();
    let open = false;
    for (let t = from; t <= to; t++) {
      const known = !Number.isNaN(values[t]);
      if (known) context[open ? "lineTo" : "moveTo"](across(t), axis.up(values[t]));
      open = known;
    }
    context.stroke();
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Drawn[]} lines
 * @param {View} view
 * @param {Across} across
 * @param {Axis} axis
 * @param {Box} box
 */
function drawBars(context, lines, { steps, step }, across, axis, box) {
  const slot = box.width / steps;
  const width = (0.8 * slot) / lines.length;
  const zero = axis.up(0);
  for (const [i, { runner, values }] of lines.entries()) {
    context.fillStyle = runner.color;
    for (const [t, value] of values.entries()) {
      if (!Number.isFinite(value)) continue;
      context.globalAlpha = t <= step ? 1 : 0.28;
      const y = axis.up(value);
      const x = across(t) - 0.4 * slot + i * width;
      const height = Math.max(0.5, Math.abs(y - zero));
      context.fillRect(x, Math.min(y, zero), Math.max(1, width - 0.5), height);
    }
  }
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {Drawn[]} lines
 * @param {Across} across
 * @param {Axis} axis
 * @param {Box} box
 */
function drawCursor(context, { step, phase, steps, chosen }, lines, across, axis, box) {
  const at = Math.min(steps, step + phase);
  context.strokeStyle = INK;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(across(at), box.y - 4);
  context.lineTo(across(at), box.y + box.height);
  context.stroke();
  context.fillStyle = INK;
  context.beginPath();
  context.arc(across(at), box.y - 5, 4, 0, 2 * Math.PI);
  context.fill();
  for (const { runner, values } of lines) {
    const last = values.length - 1;
    const value = values[Math.min(step, last)];
    const next = values[Math.min(step + 1, last)];
    if (!Number.isFinite(value)) continue;
    const here = axis.up(value);
    const y = Number.isFinite(next) ? here + phase * (axis.up(next) - here) : here;
    if (y > box.y + box.height + 1) continue;
    marker(context, runner, [across(Math.min(at, last)), y], runner === chosen ? 1.1 : 0.8);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Drawn[]} lines
 * @param {Axis} axis
 * @param {Box} box
 */
function drawNames(context, lines, axis, box) {
  const shown = lines.filter(({ values }) => values.some(Number.isFinite));
  const lowest = box.y + box.height;
  const ends = shown.map(({ values }) =>
    Math.min(lowest, axis.up(values.findLast(Number.isFinite) ?? NaN)),
  );
  const places = spread(ends, LINE, box.y + 4, lowest - 2);
  const x = box.x + box.width;
  for (const [i, { runner }] of shown.entries()) {
    context.strokeStyle = runner.color;
    context.lineWidth = 1.4;
    context.beginPath();
    context.moveTo(x + 2, ends[i]);
    context.lineTo(x + 9, places[i]);
    context.stroke();
    context.lineWidth = 2;
    context.setLineDash(runner.dash);
    context.beginPath();
    context.moveTo(x + 9, places[i]);
    context.lineTo(x + SWATCH, places[i]);
    context.stroke();
    context.setLineDash([]);
    label(context, runner.label, x + SWATCH + 4, places[i], { size: 12 });
  }
}
