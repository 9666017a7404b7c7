// The hill: the profile of a surface with one coordinate, and balls that roll on it.

import { FAINT, INK, SOFT, arrow, label, marker, sharp } from "./drawing.js";
import { arrowsAt } from "./arrows.js";
import { placeAt } from "./engine.js";
import { between, drawStart } from "./map.js";
import { format, linearTicks } from "./numbers.js";
import { minimaNames } from "./words.js";

const EDGES = { left: 40, right: 10, top: 8, bottom: 22 };
const BALL = 9; // pixels above the ground

/** Make the profile of a surface with one coordinate, with the face that the map has. */
export function makeHill(canvas, objective, surface) {
  const [[left, right]] = objective.domain;
  const { ground } = objective;
  const profile = ground.map((height, k) => [left + ((right - left) * k) / (ground.length - 1), height]);
  const [lowest, highest] = [Math.min(...ground), Math.max(...ground)];
  const floor = lowest - 0.22 * (highest - lowest);
  const called = minimaNames(objective, surface);
  const ceiling = highest + 0.15 * (highest - lowest);
  let box = { x: 0, y: 0, width: 1, height: 1 };

  const across = (x) => box.x + ((x - left) / (right - left)) * box.width;
  const up = (height) => box.y + ((ceiling - height) / (ceiling - floor)) * box.height;
  const onGround = (x) => [across(x), up(surface(x)[0])];
  const ball = (x) => {
    const [px, py] = onGround(x);
    return [px, py - BALL];
  };

  function drawGround(context) {
    context.beginPath();
    profile.forEach(([x, height], k) => context[k ? "lineTo" : "moveTo"](across(x), up(height)));
    context.strokeStyle = SOFT;
    context.lineWidth = 1.6;
    context.stroke();
    context.lineTo(across(right), up(floor));
    context.lineTo(across(left), up(floor));
    context.closePath();
    context.fillStyle = "#e6ecf1";
    context.fill();
    objective.minima.forEach(([x], k) => {
      const [px, py] = onGround(x);
      label(context, called[k], px, py + 13, { align: "center", size: 11.5, color: called[k].startsWith("local") ? SOFT : INK });
    });
    const size = 11;
    for (const tick of linearTicks(left, right, box.width / 70)) {
      const y = box.y + box.height + 11;
      label(context, format(tick), across(tick), y, { align: "center", color: SOFT, size });
    }
    for (const tick of linearTicks(lowest, highest, box.height / 32)) {
      label(context, format(tick), box.x - 6, up(tick), { align: "right", color: SOFT, size });
      context.fillStyle = FAINT;
      context.fillRect(box.x - 3, up(tick), 3, 1);
    }
  }

  return {
    fromPixel: (x) => [Math.min(right, Math.max(left, left + ((x - box.x) / box.width) * (right - left)))],
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
      for (const runner of runners) drawTrail(context, runner, step, ball);
      drawStart(context, ...onGround(start[0]));
      for (const { way, look } of runners) {
        const [x] = between(way, step, phase);
        drawBall(context, look, ...ball(x), look === chosen?.look ? BALL + 1 : BALL - 1);
      }
      const above = chosen ? ball(placeAt(chosen.way, step - 1)[0])[1] - 16 : 0;
      const level = (x) => [across(x), above];
      const arrows = chosen ? arrowsAt(chosen, step, level, box.width / 6) : [];
      arrows.forEach((drawn, k) => {
        for (const end of [drawn.from, drawn.to]) end[1] -= 15 * (arrows.length - 1 - k);
        arrow(context, drawn.from, drawn.to, drawn.color, drawn.width);
        const ahead = Math.sign(drawn.to[0] - drawn.from[0]) || 1;
        const place = { align: ahead > 0 ? "left" : "right", size: 12 };
        label(context, drawn.name, drawn.to[0] + 6 * ahead, drawn.to[1], place);
      });
      context.restore();
      return arrows;
    },
  };
}

/** A ball of the runner's color, with its marker on it. */
function drawBall(context, look, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = look.color;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#fff";
  context.stroke();
  marker(context, { ...look, color: "#fff" }, x, y, radius / 14, false);
}

/** Where a ball has been: the later, the darker; places that would hide each other are left out. */
function drawTrail(context, { way, look }, step, ball) {
  const last = Math.min(step, way.length - 1);
  let lastX = Infinity;
  context.fillStyle = look.color;
  for (let k = 0; k < last; k++) {
    const [x, y] = ball(way.theta[k]);
    if (Math.abs(x - lastX) < 4) continue;
    context.globalAlpha = 0.15 + 0.45 * (k / last);
    context.beginPath();
    context.arc(x, y + BALL - 5, 4, 0, 2 * Math.PI);
    context.fill();
    lastX = x;
  }
  context.globalAlpha = 1;
}
