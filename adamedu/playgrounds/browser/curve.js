// The curve beside the map: one quantity over the steps, each runner named at its line's end.

import { FONT, GRID, INK, SOFT, label, marker, sharp, spread } from "./drawing.js";
import { quantity } from "./engine.js";
import { decades, format, linearTicks, superscript } from "./numbers.js";

const DECADES = 10; // of a logarithmic axis
const LINE = 16; // pixels between names
const EDGES = { left: 46, top: 14, bottom: 36 };
const SWATCH = 26;
const BELOW = 10_000; // pixels: where a logarithmic axis has what is 0

/** Make the curve; `draw` shows the runners' quantity up to the step, and faintly beyond. */
export function makeCurve(canvas, curve) {
  let box = { x: 0, y: 0, width: 1, height: 1 };
  let steps = 1;
  const before = curve.bars ? 0.5 : 0; // half a bar stands before the first step
  return {
    /** The height at which so many names have room. */
    height: (count) => EDGES.top + EDGES.bottom + LINE * count,
    /** Which step is at a pixel. */
    stepAt: (x) => Math.min(steps, Math.max(0, Math.round(before + ((x - box.x) / box.width) * steps))),
    draw(width, height, state) {
      const context = sharp(canvas, width, height);
      const lines = state.runners.map((runner) => ({
        runner,
        values: quantity(runner.way, runner, curve.quantity, state.coordinate),
      }));
      steps = state.steps;
      context.font = `12px ${FONT}`;
      const widest = Math.max(0, ...lines.map(({ runner }) => context.measureText(runner.look.label).width));
      const named = !curve.bars && widest + SWATCH + 10 < 0.4 * width;
      const right = named ? widest + SWATCH + 10 : 12;
      box = {
        x: EDGES.left,
        y: EDGES.top,
        width: width - EDGES.left - right,
        height: height - EDGES.top - EDGES.bottom,
      };
      const scale = verticalScale(lines, curve, box);
      const across = (t) => box.x + (Math.max(0, t - before) / steps) * box.width;
      drawFrame(context, box, scale, across, state, curve);
      context.save();
      context.beginPath();
      context.rect(box.x - 1, box.y - 2, box.width + 3, box.height + 4);
      context.clip();
      if (curve.bars) drawBars(context, lines, state, across, scale, box);
      else for (const line of lines) drawLine(context, line, state, across, scale);
      context.restore();
      drawCursor(context, state, lines, across, scale, box, curve.bars);
      if (named) drawNames(context, lines, scale, box, width);
    },
  };
}

/** Choose the vertical axis: where a value stands, and which are written beside it. */
function verticalScale(lines, curve, box) {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of lines) {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) [low, high] = [0, 1];
  if (curve.scale === "log" && low >= 0 && high > 0) {
    const top = Math.log10(high) + 0.15;
    let lowest = top;
    for (const { values } of lines) {
      for (const value of values) if (value > 0) lowest = Math.min(lowest, Math.log10(value));
    }
    const bottom = Math.max(lowest - 0.15, top - DECADES);
    const ratio = box.height / (top - bottom);
    return {
      up: (value) => box.y + (value > 0 ? (top - Math.log10(value)) * ratio : BELOW),
      ticks: decades(bottom, top, box.height / 26).map((tick) => [tick, `10${superscript(Math.round(Math.log10(tick)))}`]),
    };
  }
  const flat = high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high));
  if (curve.bars || low > 0 || flat) low = Math.min(0, low);
  if (curve.bars || flat) high = Math.max(0, high);
  if (high === low) high = low + 1;
  const room = 0.06 * (high - low);
  const [bottom, top] = [low === 0 ? 0 : low - room, high + room];
  return {
    up: (value) => box.y + ((top - value) / (top - bottom)) * box.height,
    ticks: linearTicks(bottom, top, box.height / 34).map((tick) => [tick, format(tick)]),
  };
}

/** What stands above the curve: a named line's symbol. */
function called(quantity, runners) {
  const lines = runners.flatMap((runner) => runner.lines);
  return lines.find(({ name }) => name === quantity)?.symbol ?? { move: "length of the move", g: "gₜ" }[quantity] ?? quantity;
}

function drawFrame(context, box, scale, across, state, curve) {
  const { steps, coordinate, names } = state;
  context.fillStyle = GRID;
  for (const [tick, text] of scale.ticks) {
    const y = scale.up(tick);
    context.fillRect(box.x, y - 0.5, box.width, tick === 0 ? 1.5 : 1);
    label(context, text, box.x - 7, y, { align: "right", color: SOFT, size: 11 });
    context.fillStyle = GRID;
  }
  for (const tick of linearTicks(0, steps, Math.min(steps, box.width / 55))) {
    label(context, format(tick), across(tick), box.y + box.height + 12, { align: "center", color: SOFT, size: 11 });
  }
  label(context, "step t", box.x + box.width / 2, box.y + box.height + 27, { align: "center", color: SOFT, size: 11.5 });
  const along = curve.quantity !== "loss" && names.length > 1 ? ` along ${names[coordinate]}` : "";
  label(context, `${called(curve.quantity, state.runners)}${along}`, 6, 8, { color: SOFT, size: 11.5 });
}

function drawLine(context, { runner, values }, { step, chosen }, across, scale) {
  const last = Math.min(step, values.length - 1);
  context.strokeStyle = runner.look.color;
  context.setLineDash(runner.look.dash);
  context.lineWidth = runner === chosen ? 2.4 : 1.6;
  for (const [from, to, alpha] of [[last, values.length - 1, 0.28], [0, last, 1]]) {
    context.globalAlpha = alpha;
    context.beginPath();
    let open = false;
    for (let t = from; t <= to; t++) {
      if (Number.isNaN(values[t])) open = false;
      else {
        context[open ? "lineTo" : "moveTo"](across(t), scale.up(values[t]));
        open = true;
      }
    }
    context.stroke();
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

function drawBars(context, lines, { steps, step }, across, scale, box) {
  const slot = box.width / steps;
  const width = (0.8 * slot) / lines.length;
  const zero = scale.up(0);
  lines.forEach(({ runner, values }, i) => {
    context.fillStyle = runner.look.color;
    values.forEach((value, t) => {
      if (!Number.isFinite(value)) return;
      context.globalAlpha = t <= step ? 1 : 0.28;
      const y = scale.up(value);
      const x = across(t) - 0.4 * slot + i * width;
      context.fillRect(x, Math.min(y, zero), Math.max(1, width - 0.5), Math.max(0.5, Math.abs(y - zero)));
    });
  });
  context.globalAlpha = 1;
}

function drawCursor(context, { step, phase, steps, chosen }, lines, across, scale, box, bars) {
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
  if (bars) return;
  for (const { runner, values } of lines) {
    const value = values[Math.min(step, values.length - 1)];
    const next = values[Math.min(step + 1, values.length - 1)];
    if (!Number.isFinite(value)) continue;
    const here = scale.up(value);
    const y = Number.isFinite(next) ? here + phase * (scale.up(next) - here) : here;
    if (y > box.y + box.height + 1) continue;
    const t = Math.min(at, values.length - 1);
    marker(context, runner.look, across(t), y, runner === chosen ? 1.1 : 0.8);
  }
}

function drawNames(context, lines, scale, box, width) {
  const shown = lines.filter(({ values }) => values.some(Number.isFinite));
  const lowest = box.y + box.height;
  const ends = shown.map(({ values }) => Math.min(lowest, scale.up(values.findLast(Number.isFinite))));
  const places = spread(ends, LINE, box.y + 4, box.y + box.height - 2);
  const x = box.x + box.width;
  shown.forEach(({ runner }, i) => {
    context.strokeStyle = runner.look.color;
    context.lineWidth = 1.4;
    context.beginPath();
    context.moveTo(x + 2, ends[i]);
    context.lineTo(x + 9, places[i]);
    context.stroke();
    context.lineWidth = 2;
    context.setLineDash(runner.look.dash);
    context.beginPath();
    context.moveTo(x + 9, places[i]);
    context.lineTo(x + SWATCH, places[i]);
    context.stroke();
    context.setLineDash([]);
    label(context, runner.look.label, x + SWATCH + 4, places[i], { size: 12 });
  });
}
