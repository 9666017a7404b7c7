// The map: contour lines and shades, paths, heads, the start, and the current step's arrows.

import { FAINT, INK, SOFT, arrow, label, marker, sharp } from "./drawing.js";
import { arrowsAt } from "./arrows.js";
import { placeAt } from "./engine.js";
import { linearTicks, format } from "./numbers.js";
import { minimaNames } from "./words.js";

const MARGIN = { left: 34, right: 10, top: 8, bottom: 22 };
const FINE = 1000; // the contours' coordinates go from 0 to this

/** Make the map of a surface with two coordinates; `height(width)` is what it needs. */
export function makeMap(canvas, objective, surface) {
  const [[left, right], [low, high]] = objective.domain;
  const called = minimaNames(objective, surface);
  const ground = document.createElement("canvas");
  let drawn = "";
  let box = { x: 0, y: 0, width: 1, height: 1 };

  const toPixel = (x, y) => [
    box.x + ((x - left) / (right - left)) * box.width,
    box.y + ((high - y) / (high - low)) * box.height,
  ];
  const fromPixel = (x, y) => [
    Math.min(right, Math.max(left, left + ((x - box.x) / box.width) * (right - left))),
    Math.min(high, Math.max(low, high - ((y - box.y) / box.height) * (high - low))),
  ];

  /** Draw what doesn't move, once for each size. */
  function drawGround(width, height, backdrop) {
    const context = sharp(ground, width, height);
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
    if (backdrop) context.drawImage(backdrop, box.x, box.y, box.width, box.height);
    drawContours(context, objective.contours, box, Boolean(backdrop));
    context.restore();
    drawAxes(context);
    objective.minima.forEach((minimum) => {
      const [x, y] = toPixel(...minimum);
      context.strokeStyle = INK;
      context.lineWidth = 1.6;
      context.beginPath();
      for (const side of [-1, 1]) {
        context.moveTo(x - 4, y - 4 * side);
        context.lineTo(x + 4, y + 4 * side);
      }
      context.stroke();
    });
  }

  function drawAxes(context) {
    const size = 11;
    for (const tick of linearTicks(left, right, box.width / 70)) {
      const [x] = toPixel(tick, low);
      label(context, format(tick), x, box.y + box.height + 11, { align: "center", color: SOFT, size });
    }
    for (const tick of linearTicks(low, high, box.height / 32)) {
      const [, y] = toPixel(left, tick);
      label(context, format(tick), box.x - 6, y, { align: "right", color: SOFT, size });
    }
  }

  return {
    toPixel,
    fromPixel,
    height: (width) => {
      const inner = width - MARGIN.left - MARGIN.right;
      return (inner * (high - low)) / (right - left) + MARGIN.top + MARGIN.bottom;
    },
    /** Where the start is grabbed. */
    grip: (start) => toPixel(...start),
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
      objective.minima.forEach((minimum, k) => {
        const [x, y] = toPixel(...minimum);
        label(context, called[k], x, y + 15, { align: "center", size: 11.5 });
      });
      drawStart(context, ...toPixel(...start));
      const arrows = chosen ? arrowsAt(chosen, step, toPixel, Math.min(box.width, box.height) / 3) : [];
      if (arrows.length) drawLegs(context, arrows.at(-1));
      for (const { from, to, color, width: thick } of arrows) arrow(context, from, to, color, thick);
      for (const { way, look } of runners) {
        marker(context, look, ...toPixel(...between(way, step, phase)), look === chosen?.look ? 1.35 : 1);
      }
      nameArrows(context, arrows, box);
      context.restore();
      return arrows;
    },
  };
}

/** Write names at the arrows' heads, inside the map and not over each other. */
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
    label(context, name, x, y, { align: ahead > 0 ? "left" : "right", size: 12 });
  }
}

/** The step's part along each coordinate: its own effective rate decides on each. */
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

/** Paint one level over the other, the lowest last; over a backdrop only the lines. */
function drawContours(context, levels, box, linesOnly) {
  context.strokeStyle = FAINT;
  context.lineWidth = 0.7;
  for (const { fill, rings } of levels) {
    const path = new Path2D();
    for (const ring of rings) {
      for (let k = 0; k < ring.length; k += 2) {
        const x = box.x + (ring[k] / FINE) * box.width;
        const y = box.y + (1 - ring[k + 1] / FINE) * box.height;
        path[k ? "lineTo" : "moveTo"](x, y);
      }
      path.closePath();
    }
    context.fillStyle = fill;
    if (!linesOnly) context.fill(path, "evenodd");
    context.stroke(path);
  }
}

/** A place on the way from a step to the next, for a smooth play. */
export function between(way, step, phase) {
  const here = placeAt(way, step);
  if (!phase || step + 1 >= way.length) return here;
  const next = placeAt(way, step + 1);
  return here.map((value, i) => value + phase * (next[i] - value));
}

function drawPath(context, { way, look }, step, chosen, toPixel) {
  const last = Math.min(step, way.length - 1);
  const strokes = [[last, way.length - 1, 0.28], [0, last, 1]];
  context.setLineDash(look.dash);
  context.strokeStyle = look.color;
  for (const [from, to, alpha] of strokes) {
    if (to <= from) continue;
    context.globalAlpha = alpha;
    context.lineWidth = chosen ? 2.4 : 1.6;
    context.beginPath();
    for (let k = from; k <= to; k++) {
      const [x, y] = toPixel(way.theta[2 * k], way.theta[2 * k + 1]);
      if (k === from) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  if (chosen) drawDots(context, way, look, last, toPixel);
}

/** A dot is a step; dots that would touch are left out. */
function drawDots(context, way, look, last, toPixel) {
  let [lastX, lastY] = [Infinity, Infinity];
  context.fillStyle = look.color;
  for (let k = 0; k <= last; k++) {
    const [x, y] = toPixel(way.theta[2 * k], way.theta[2 * k + 1]);
    if (Math.hypot(x - lastX, y - lastY) < 6) continue;
    context.beginPath();
    context.arc(x, y, 2.6, 0, 2 * Math.PI);
    context.fill();
    [lastX, lastY] = [x, y];
  }
}

export function drawStart(context, x, y) {
  context.beginPath();
  context.arc(x, y, 6.5, 0, 2 * Math.PI);
  context.fillStyle = "#fff";
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = INK;
  context.stroke();
}
