// Hands and keys: the start is dragged, the curve is a timeline, keys step and play.

import { positionOf, valueAt } from "./numbers.js";

const JUMPS = new Map([
  ["ArrowRight", 1],
  ["ArrowUp", 1],
  ["ArrowLeft", -1],
  ["ArrowDown", -1],
  ["PageUp", 10],
  ["PageDown", -10],
  ["Home", -Infinity],
  ["End", Infinity],
]);

/**
 * The map is a slider over the steps for the keyboard; for a hand, its ring is the start.
 * @param {HTMLElement} map
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} grip
 * @param {MapPanel} panel
 * @param {[number, number][]} domain
 * @param {Actions} actions
 */
export function listenToMap(map, canvas, grip, panel, domain, actions) {
  map.tabIndex = 0;
  map.setAttribute("role", "slider");
  map.setAttribute("aria-label", "Map: arrow keys step, space plays");
  map.setAttribute("aria-valuemin", "0");
  map.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const jump = JUMPS.get(event.key);
    if (event.key === " ") actions.play();
    else if (jump) actions.go((step) => step + jump);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const put = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    const place = panel.fromPixel(event.clientX - box.left, event.clientY - box.top);
    const start = place.map((value, i) => {
      const [low, high] = domain[i];
      /** @type {Scale} */
      const scale = { scale: "linear", low, high };
      return valueAt(scale, positionOf(scale, value));
    });
    actions.change({ start });
  };
  grip.title = "Drag the start";
  canvas.addEventListener("dblclick", put);
  listenToDrag(grip, put, () => map.focus({ preventScroll: true }));
}

/**
 * A click or a drag on the curve goes to the step below it.
 * @param {HTMLCanvasElement} canvas
 * @param {CurvePanel} panel
 * @param {Actions} actions
 */
export function listenToCurve(canvas, panel, actions) {
  const put = (/** @type {MouseEvent} */ event) => {
    const at = panel.stepAt(event.clientX - canvas.getBoundingClientRect().left);
    actions.go(() => at);
  };
  listenToDrag(canvas, put, put);
}

/**
 * @param {HTMLElement} target
 * @param {(event: PointerEvent) => void} move
 * @param {(event: PointerEvent) => void} begin
 */
function listenToDrag(target, move, begin) {
  target.addEventListener("pointerdown", (event) => {
    target.setPointerCapture(event.pointerId);
    event.preventDefault();
    begin(event);
  });
  target.addEventListener("pointermove", (event) => {
    if (target.hasPointerCapture(event.pointerId)) move(event);
  });
}

/**
 * Elsewhere in the playground, space plays where it means nothing else.
 * @param {HTMLElement} root
 * @param {Actions} actions
 */
export function listenToSpace(root, actions) {
  root.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const inside = target instanceof Element ? target : root;
    if (key !== " " || inside.closest("button, input, select, summary, pre, .map")) return;
    event.preventDefault();
    actions.play();
  });
}
