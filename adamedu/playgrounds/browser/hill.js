// The hill: the profile of a surface with one coordinate, and balls that roll on it.

import { arrowsAt } from "./arrows.js";
import { CONTOUR, GROUND, INK, LINE_WIDTH, SOFT } from "./constants.js";
import { drawArrow, label, marker, sharp } from "./drawing.js";
import { placeAt } from "./engine.js";
import { between, drawStart } from "./map.js";
import { format, linearTicks } from "./numbers.js";

const EDGES = { left: 40, right: 10, top: 8, bottom: 22 };
const BALL = 9; // pixels above the ground

/**
 * Make the profile of a surface with one coordinate, with the face that the map has.
 * @param {HTMLCanvasElement} canvas
 * @param {SurfaceScene} objective
 * @param {Surface} surface
 * @returns {MapPanel}
 */
export function makeHill(canvas, { domain, ground, minima, called }, surface) {
  const [[left, right]] = domain;
  const [lowest, highest] = [Math.min(...ground), Math.max(...ground)];
  const floor = lowest - 0.22 * (highest - lowest);
  const ceiling = highest + 0.15 * (highest - lowest);
  let box = { x: 0, y: 0, width: 1, height: 1 };

  const across = (x = left) => box.x + ((x - left) / (right - left)) * box.width;
  const up = (height = floor) => box.y + ((ceiling - height) / (ceiling - floor)) * box.height;
  /** @type {(x: number, above?: number) => Pixel} */
  const onGround = (x, above = 0) => [across(x), up(surface(x)[0]) - above];

  /** @param {CanvasRenderingContext2D} context */
  function drawGround(context) {
    context.beginPath();
    for (const [k, height] of ground.entries()) {
      const x = left + ((right - left) * k) / (ground.length - 1);
      context[k ? "lineTo" : "moveTo"](across(x), up(height));
    }
    context.strokeStyle = SOFT;
    context.lineWidth = LINE_WIDTH;
    context.stroke();
    context.lineTo(across(right), up(floor));
    context.lineTo(across(left), up(floor));
    context.closePath();
    context.fillStyle = GROUND;
    context.fill();
    for (const [k, [minimum]] of minima.entries()) {
      const [x, y] = onGround(minimum);
      const color = called[k].startsWith("local") ? SOFT : INK;
      label(context, called[k], x, y + 13, { align: "center", size: 11.5, color });
    }
    const size = 11;
    for (const tick of linearTicks(left, right, box.width / 70)) {
      const y = box.y + box.height + 11;
      label(context, format(tick), across(tick), y, { align: "center", color: SOFT, size });
    }
    for (const tick of linearTicks(lowest, highest, box.height / 32)) {
      label(context, format(tick), box.x - 6, up(tick), { align: "right", color: SOFT, size });
      context.fillStyle = CONTOUR;
      context.fillRect(box.x - 3, up(tick), 3, 1);
    }
  }

  return {
    fromPixel: (x) => {
      const at = left + ((x - box.x) / box.width) * (right - left);
      return [Math.min(right, Math.max(left, at))];
    },
    height: (width) => Math.min(300, Math.max(190, 0.5 * width)),
    grip: ([x]) => onGround(x),
    draw(width, height, { runners, step, phase, chosen, start }) {
      box = {
        x: EDGES.left,
        y: EDGES.top,
        width: width - EDGES.left - EDGES.right,
        height: height - EDGES.top - EDGES.bottom,
      };
      const context = sharp(canvas, width, height);
      drawGround(context);
      context.save();
      context.beginPath();
      context.rect(box.x, box.y - 6, box.width, box.height + 6);
      context.clip();
      for (const runner of runners) drawTrail(context, runner, step, onGround);
      drawStart(context, onGround(start[0]));
      for (const runner of runners) {
        const [x] = between(runner.way, step, phase);
        drawBall(context, runner, onGround(x, BALL), runner === chosen ? BALL + 1 : BALL - 1);
      }
      const [, above] = onGround(placeAt(chosen.way, step - 1)[0], BALL + 16);
      const arrows = arrowsAt(chosen, step, ([x]) => [across(x), above], box.width / 6);
      drawArrows(context, arrows);
      context.restore();
      return arrows;
    },
  };
}

/**
 * Arrows one above the other, each with its name at its head.
 * @param {CanvasRenderingContext2D} context
 * @param {Arrow[]} arrows
 */
function drawArrows(context, arrows) {
  for (const [k, arrow] of arrows.entries()) {
    const { name, from, to } = arrow;
    for (const end of [from, to]) end[1] -= 15 * (arrows.length - 1 - k);
    drawArrow(context, arrow);
    const ahead = Math.sign(to[0] - from[0]) || 1;
    label(context, name, to[0] + 6 * ahead, to[1], { align: ahead > 0 ? "left" : "right" });
  }
}

/**
 * A ball of the runner's color, with its marker on it.
 * @param {CanvasRenderingContext2D} context
 * @param {Look} look
 * @param {Pixel} place
 * @param {number} radius
 */
function drawBall(context, look, place, radius) {
  context.beginPath();
  context.arc(...place, radius, 0, 2 * Math.PI);
  context.fillStyle = look.color;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#fff";
  context.stroke();
  marker(context, { ...look, color: "#fff" }, place, radius / 14, false);
}

/**
 * Where a ball has been: the later, the darker; places that would hide each other are left out.
 * @param {CanvasRenderingContext2D} context
 * @param {Runner} runner
 * @param {number} step
 * @param {(x: number, above: number) => Pixel} onGround
 */
function drawTrail(context, { way, color }, step, onGround) {
  const last = Math.min(step, way.length - 1);
  let lastX = Infinity;
  context.fillStyle = color;
  for (let k = 0; k < last; k++) {
    const [x, y] = onGround(way.theta[k], 5);
    if (Math.abs(x - lastX) < 4) continue;
    context.globalAlpha = 0.15 + 0.45 * (k / last);
    context.beginPath();
    context.arc(x, y, 4, 0, 2 * Math.PI);
    context.fill();
    lastX = x;
  }
  context.globalAlpha = 1;
}
