// Hands and keys: the start is dragged, the curve is a timeline, keys step and play.

import { positionOf, valueAt } from "./numbers.js";

const JUMPS = {
  ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1,
  PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity,
};

/** The map is a slider over the steps for the keyboard; for a hand, its ring is the start. */
export function listenToMap(map, canvas, grip, panel, domain, actions) {
  map.tabIndex = 0;
  map.setAttribute("role", "slider");
  map.setAttribute("aria-label", "Map: arrow keys step, space plays");
  map.setAttribute("aria-valuemin", 0);
  map.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") actions.play();
    else if (event.key in JUMPS) actions.go((step) => step + JUMPS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const put = (event) => {
    const box = canvas.getBoundingClientRect();
    const place = panel.fromPixel(event.clientX - box.left, event.clientY - box.top);
    const start = place.map((value, i) => {
      const scale = { scale: "linear", low: domain[i][0], high: domain[i][1] };
      return valueAt(scale, positionOf(scale, value));
    });
    actions.change({ start });
  };
  grip.title = "Drag the start";
  canvas.addEventListener("dblclick", put);
  listenToDrag(grip, put, () => map.focus({ preventScroll: true }));
}

/** A click or a drag on the curve goes to the step below it. */
export function listenToCurve(canvas, panel, actions) {
  const put = (event) => {
    const at = panel.stepAt(event.clientX - canvas.getBoundingClientRect().left);
    actions.go(() => at);
  };
  listenToDrag(canvas, put, put);
}

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

/** Elsewhere in the playground, space plays where it means nothing else. */
export function listenToSpace(root, actions) {
  root.addEventListener("keydown", (event) => {
    const taken = event.target.closest("button, input, select, summary, pre, .map");
    if (event.key !== " " || taken) return;
    event.preventDefault();
    actions.play();
  });
}
