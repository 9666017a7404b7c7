// The map: contour lines and shades, paths, heads, the start, and the current step's arrows.

import { arrowsAt } from "./arrows.js";
import { CONTOUR, GRID_POINTS, INK, LINE_WIDTH, SOFT } from "./constants.js";
import { drawArrow, label, marker, sharp } from "./drawing.js";
import { placeAt } from "./engine.js";
import { format, linearTicks } from "./numbers.js";

const MARGIN = { left: 34, right: 10, top: 8, bottom: 22 };

/** @typedef {(point: Iterable<number>) => Pixel} ToPixel */

/**
 * Make the map of a surface with two coordinates; `height(width)` is what it needs.
 * @param {HTMLCanvasElement} canvas
 * @param {SurfaceScene} objective
 * @returns {MapPanel}
 */
export function makeMap(canvas, { domain, minima, called, contours }) {
  const [[left, right], [low, high]] = domain;
  const ground = document.createElement("canvas");
  let drawn = "";
  let box = { x: 0, y: 0, width: 1, height: 1 };

  /** @type {ToPixel} */
  const toPixel = ([x, y]) => [
    box.x + ((x - left) / (right - left)) * box.width,
    box.y + ((high - y) / (high - low)) * box.height,
  ];

  /**
   * Draw what doesn't move, once for each size.
   * @param {number} width
   * @param {number} height
   * @param {HTMLImageElement | null} backdrop
   */
  function drawGround(width, height, backdrop) {
    const context = sharp(ground, width, height);
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
    if (backdrop) context.drawImage(backdrop, box.x, box.y, box.width, box.height);
    drawContours(context, contours, box, Boolean(backdrop));
    context.restore();
    drawAxes(context);
    context.strokeStyle = INK;
    context.lineWidth = LINE_WIDTH;
    context.beginPath();
    for (const [x, y] of minima.map(toPixel)) {
      for (const side of [-1, 1]) {
        context.moveTo(x - 4, y - 4 * side);
        context.lineTo(x + 4, y + 4 * side);
      }
    }
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context */
  function drawAxes(context) {
    const how = { color: SOFT, size: 11 };
    for (const tick of linearTicks(left, right, box.width / 70)) {
      const [x, y] = toPixel([tick, low]);
      label(context, format(tick), x, y + 11, { align: "center", ...how });
    }
    for (const tick of linearTicks(low, high, box.height / 32)) {
      const [x, y] = toPixel([left, tick]);
      label(context, format(tick), x - 6, y, { align: "right", ...how });
    }
  }

  return {
    fromPixel: (x, y) => [
      Math.min(right, Math.max(left, left + ((x - box.x) / box.width) * (right - left))),
      Math.min(high, Math.max(low, high - ((y - box.y) / box.height) * (high - low))),
    ],
    height: (width) => {
      const inner = width - MARGIN.left - MARGIN.right;
      return (inner * (high - low)) / (right - left) + MARGIN.top + MARGIN.bottom;
    },
    grip: toPixel,
    draw(width, height, { runners, step, phase, chosen, start, backdrop }) {
      box = {
        x: MARGIN.left,
        y: MARGIN.top,
        width: width - MARGIN.left - MARGIN.right,
        height: height - MARGIN.top - MARGIN.bottom,
      };
      const now = `${width} ${height} ${globalThis.devicePixelRatio} ${backdrop?.src.length}`;
      if (now !== drawn) drawGround(width, height, backdrop);
      drawn = now;
      const context = sharp(canvas, width, height);
      context.drawImage(ground, 0, 0, width, height);
      context.save();
      context.beginPath();
      context.rect(box.x - 6, box.y - 6, box.width + 12, box.height + 12);
      context.clip();
      for (const runner of runners) drawPath(context, runner, step, runner === chosen, toPixel);
      for (const [k, [x, y]] of minima.map(toPixel).entries()) {
        label(context, called[k], x, y + 15, { align: "center", size: 11.5 });
      }
      drawStart(context, toPixel(start));
      const arrows = arrowsAt(chosen, step, toPixel, Math.min(box.width, box.height) / 3);
      for (const made of arrows.slice(-1)) drawLegs(context, made);
      for (const each of arrows) drawArrow(context, each);
      for (const runner of runners) {
        const place = toPixel(between(runner.way, step, phase));
        marker(context, runner, place, runner === chosen ? 1.35 : 1);
      }
      nameArrows(context, arrows, box);
      context.restore();
      return arrows;
    },
  };
}

/**
 * Write names at the arrows' heads, inside the map and not over each other.
 * @param {CanvasRenderingContext2D} context
 * @param {Arrow[]} arrows
 * @param {Box} box
 */
function nameArrows(context, arrows, box) {
  const taken = [];
  for (const { to, from, name } of arrows) {
    const ahead = Math.sign(to[0] - from[0]) || 1;
    const x = Math.min(box.x + box.width - 28, Math.max(box.x + 28, to[0] + 7 * ahead));
    let y = Math.min(box.y + box.height - 8, Math.max(box.y + 8, to[1]));
    for (const other of taken) {
      if (Math.abs(other.x - x) < 42 && Math.abs(other.y - y) < 14) y = other.y + 14;
    }
    taken.push({ x, y });
    label(context, name, x, y, { align: ahead > 0 ? "left" : "right" });
  }
}

/**
 * The step's part along each coordinate: its own effective rate decides on each.
 * @param {CanvasRenderingContext2D} context
 * @param {Arrow} arrow
 */
function drawLegs(context, { from, to, color }) {
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(to[0], from[1]);
  context.lineTo(...to);
  context.stroke();
  context.setLineDash([]);
}

/**
 * Paint one level over the other, the lowest last; over a backdrop only the lines.
 * @param {CanvasRenderingContext2D} context
 * @param {Area[]} levels
 * @param {Box} box
 * @param {boolean} linesOnly
 */
function drawContours(context, levels, box, linesOnly) {
  context.strokeStyle = CONTOUR;
  context.lineWidth = 0.7;
  for (const { fill, rings } of levels) {
    const path = new Path2D();
    for (const ring of rings) {
      for (let k = 0; k < ring.length; k += 2) {
        const x = box.x + (ring[k] / GRID_POINTS) * box.width;
        const y = box.y + (1 - ring[k + 1] / GRID_POINTS) * box.height;
        path[k ? "lineTo" : "moveTo"](x, y);
      }
      path.closePath();
    }
    context.fillStyle = fill;
    if (!linesOnly) context.fill(path, "evenodd");
    context.stroke(path);
  }
}

/**
 * A place on the way from a step to the next, for a smooth play.
 * @param {Way} way
 * @param {number} step
 * @param {number} phase
 */
export function between(way, step, phase) {
  const here = placeAt(way, step);
  if (!phase || step + 1 >= way.length) return here;
  const next = placeAt(way, step + 1);
  return here.map((value, i) => value + phase * (next[i] - value));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Runner} runner
 * @param {number} step
 * @param {boolean} chosen
 * @param {ToPixel} toPixel
 */
function drawPath(context, { way, color, dash }, step, chosen, toPixel) {
  const last = Math.min(step, way.length - 1);
  context.setLineDash(dash);
  context.strokeStyle = color;
  for (const [from, to, alpha] of [
    [last, way.length - 1, 0.28],
    [0, last, 1],
  ]) {
    if (to <= from) continue;
    context.globalAlpha = alpha;
    context.lineWidth = LINE_WIDTH * (chosen ? 1.5 : 1);
    context.beginPath();
    for (let k = from; k <= to; k++) {
      const [x, y] = toPixel([way.theta[2 * k], way.theta[2 * k + 1]]);
      context.lineTo(x, y);
    }
    context.stroke();
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  if (chosen) drawDots(context, way, color, last, toPixel);
}

/**
 * A dot is a step; dots that would touch are left out.
 * @param {CanvasRenderingContext2D} context
 * @param {Way} way
 * @param {string} color
 * @param {number} last
 * @param {ToPixel} toPixel
 */
function drawDots(context, way, color, last, toPixel) {
  let [lastX, lastY] = [Infinity, Infinity];
  context.fillStyle = color;
  for (let k = 0; k <= last; k++) {
    const [x, y] = toPixel([way.theta[2 * k], way.theta[2 * k + 1]]);
    if (Math.hypot(x - lastX, y - lastY) < 6) continue;
    context.beginPath();
    context.arc(x, y, 2.6, 0, 2 * Math.PI);
    context.fill();
    [lastX, lastY] = [x, y];
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Pixel} place
 */
export function drawStart(context, place) {
  context.beginPath();
  context.arc(...place, 6.5, 0, 2 * Math.PI);
  context.fillStyle = "#fff";
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = INK;
  context.stroke();
}
