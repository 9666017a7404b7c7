// What every picture is made of: a sharp canvas, markers, arrows, labels that keep apart.

import { INK } from "./constants.js";

export const GRID = "#e8ecef";
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

/**
 * Outlines of radius 5 about the origin, under matplotlib's letters.
 * @type {Record<string, string>}
 */
export const OUTLINES = {
  o: "M4.4 0A4.4 4.4 0 1 1 -4.4 0A4.4 4.4 0 1 1 4.4 0Z",
  s: "M-4 -4H4V4H-4Z",
  D: "M0 -5.4L5.4 0L0 5.4L-5.4 0Z",
  "^": "M0 -5L5 4.2H-5Z",
  v: "M0 5L5 -4.2H-5Z",
  P: "M-1.8 -5H1.8V-1.8H5V1.8H1.8V5H-1.8V1.8H-5V-1.8H-1.8Z",
  X: "M-2.5 -5L0 -2.5L2.5 -5L5 -2.5L2.5 0L5 2.5L2.5 5L0 2.5L-2.5 5L-5 2.5L-2.5 0L-5 -2.5Z",
  "*": "M0 -6L1.5 -2L5.8 -1.9L2.4 .8L3.6 4.9L0 2.5L-3.6 4.9L-2.4 .8L-5.8 -1.9L-1.5 -2Z",
  "<": "M-5 0L4.2 -5V5Z",
  ">": "M5 0L-4.2 -5V5Z",
  p: "M0 -5.2L4.9 -1.6L3.1 4.2H-3.1L-4.9 -1.6Z",
  d: "M0 -6.2L3.5 0L0 6.2L-3.5 0Z",
};

/**
 * Make a canvas as sharp as the screen, and return its cleared context in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function sharp(canvas, width, height) {
  const scale = globalThis.devicePixelRatio || 1;
  const wide = Math.round(width * scale);
  const high = Math.round(height * scale);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineJoin = "round";
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Look} look
 * @param {Pixel} place
 */
export function marker(context, look, [x, y], size = 1, edged = true) {
  context.save();
  context.translate(x, y);
  context.scale(size, size);
  const outline = new Path2D(OUTLINES[look.marker]);
  context.lineWidth = 3.2 / size;
  context.strokeStyle = "#fff";
  if (edged) context.stroke(outline);
  context.fillStyle = look.color;
  context.fill(outline);
  context.restore();
}

/**
 * The piece of line that stands for a runner in words, as an SVG element.
 * @param {Look} look
 */
export function swatch({ color, dash, marker: sign }) {
  const holder = document.createElement("span");
  holder.className = "swatch";
  holder.innerHTML = `<svg width="34" height="14" viewBox="-17 -7 34 14" aria-hidden="true">
<path d="M-16 0H16" fill="none" stroke-width="2.2"/><path stroke="#fff"/></svg>`;
  const [line, end] = holder.querySelectorAll("path");
  line.setAttribute("stroke", color);
  line.setAttribute("stroke-dasharray", dash.join(" "));
  end.setAttribute("d", OUTLINES[sign]);
  end.setAttribute("fill", color);
  return holder;
}

/**
 * An arrow with a filled head, on a white edge that lifts it off what lies below.
 * @param {CanvasRenderingContext2D} context
 * @param {Arrow} arrow
 */
export function drawArrow(context, { from: [x, y], to: [toX, toY], color, width }) {
  const length = Math.hypot(toX - x, toY - y);
  if (length < 1) return;
  const head = Math.min(4 + 2.4 * width, length);
  const [ux, uy] = [(toX - x) / length, (toY - y) / length];
  const [neckX, neckY] = [toX - ux * head, toY - uy * head];
  const half = head * 0.48;
  context.save();
  context.setLineDash([]);
  context.lineCap = "round";
  for (const edge of [3, 0]) {
    const ink = edge ? "#fff" : color;
    context.strokeStyle = ink;
    context.fillStyle = ink;
    context.lineWidth = width + edge;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(neckX, neckY);
    context.stroke();
    context.beginPath();
    context.moveTo(toX, toY);
    context.lineTo(neckX - uy * half, neckY + ux * half);
    context.lineTo(neckX + uy * half, neckY - ux * half);
    context.closePath();
    context.lineWidth = edge || 0.5;
    context.stroke();
    context.fill();
  }
  context.restore();
}

/**
 * A label on a white edge, so that it is read over anything.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {{ color?: string, size?: number, align?: string }} [how]
 */
export function label(context, text, x, y, { color = INK, size = 12, align = "left" } = {}) {
  context.save();
  context.font = `${size}px ${FONT}`;
  context.textAlign = /** @type {CanvasTextAlign} */ (align);
  context.textBaseline = "middle";
  context.lineWidth = 3.5;
  context.strokeStyle = "rgba(255, 255, 255, 0.9)";
  context.setLineDash([]);
  context.strokeText(text, x, y);
  context.fillStyle = color;
  context.fillText(text, x, y);
  context.restore();
}

/**
 * Move places apart until neighbors are a gap away, each a little, within a range if they fit.
 * @param {number[]} places
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 */
export function spread(places, gap, low, high) {
  const order = [...places.keys()].sort((a, b) => places[a] - places[b]);
  const first = (/** @type {number[]} */ block) => {
    const length = (block.length - 1) * gap;
    const mean = block.reduce((sum, i) => sum + places[i], 0) / block.length;
    return Math.max(low, Math.min(mean - length / 2, high - length));
  };
  /** @type {number[][]} */
  const blocks = [];
  for (const i of order) {
    blocks.push([i]);
    while (blocks.length > 1) {
      const [before, last] = blocks.slice(-2);
      if (first(before) + before.length * gap <= first(last)) break;
      blocks.splice(-2, 2, [...before, ...last]);
    }
  }
  const moved = [...places];
  for (const block of blocks) {
    for (const [k, i] of block.entries()) moved[i] = first(block) + k * gap;
  }
  return moved;
}
