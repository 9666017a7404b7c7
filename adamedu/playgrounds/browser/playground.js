// The playground: one state, the ways that follow from it, and the panels that show them.

import { shareWith } from "./sharing.js";
import { makeCurve } from "./curve.js";
import { element } from "./elements.js";
import { follow, load, walk } from "./engine.js";
import { makeHill } from "./hill.js";
import { makeMap } from "./map.js";
import { format, positionOf, valueAt } from "./numbers.js";
import { makeRunners, makeSettings } from "./settings.js";
import { hideStill } from "./still.js";
import { makeTable } from "./table.js";
import { makeTransport } from "./transport.js";
import { inWords } from "./words.js";

const MOST_STEPS = 1000;
const SECONDS = 8; // that a play takes at speed 1
const WIDE = 640; // pixels: from here on, two columns
const TALLEST = 360;
const LOWEST = 230;
const STILL_JUMPS = 10; // where motion isn't wanted, a play shows so many steps,
const PAUSE = 700; // so many milliseconds apart
const QUIET = 400; // milliseconds before the state is said

async function render({ model, el }) {
  const scene = model.get("scene");
  const functions = await load(scene);
  const playground = makePlayground(scene, functions, model);
  el.append(playground.root);
  playground.open();
  const showStill = hideStill(el, scene.alt);
  return () => {
    showStill();
    playground.close();
  };
}

export default { render };

function makePlayground(scene, { steps: stepsOf, surface }, model) {
  const { objective, curve } = scene;
  const names = objective.names ?? scene.start.map((_, i) => String(i + 1));
  const given = objective.kind === "gradients" ? objective.values.length : objective.noise?.length;
  const most = given ?? MOST_STEPS;
  const linear = (i) => ({ scale: "linear", low: objective.domain[i][0], high: objective.domain[i][1] });
  const first = {
    start: [...scene.start],
    steps: scene.steps,
    step: model.get("step"),
    settings: Object.fromEntries(
      scene.runners.map(({ id, sliders }) => [
        id,
        Object.fromEntries(sliders.map(({ name, value }) => [name, value])),
      ]),
    ),
  };
  const state = {
    ...structuredClone(first),
    playing: false,
    phase: 0,
    speed: 1,
    chosen: scene.runners.at(-1).id,
    visible: Object.fromEntries(scene.runners.map(({ id, on }) => [id, on])),
    coordinate: 0,
    together: false,
  };
  const runners = scene.runners.map((look, i) => ({ ...look, look, step: stepsOf[i], way: null, of: "" }));
  const shared = shareWith(model, state, (changes) => change(changes, { tell: false }));

  const actions = {
    state: () => state,
    change: (changes) => change(changes),
    go: (to) => {
      if (state.playing) pause();
      change({ step: to(state.step), phase: 0 });
    },
    play: () => (state.playing ? pause() : play()),
    reset: () => {
      pause();
      change({ ...structuredClone(first), phase: 0 });
    },
    choose: (id) => change({ chosen: id, visible: { ...state.visible, [id]: true } }),
    showRunner: (id, on) => change({ visible: { ...state.visible, [id]: on } }),
    set: (id, name, value) => {
      const settings = structuredClone(state.settings);
      for (const key of state.together ? Object.keys(settings) : [id]) {
        if (name in settings[key]) settings[key][name] = value;
      }
      change({ settings });
    },
    moveStart: (i, value) => change({ start: state.start.with(i, value) }),
  };

  const views = new Set(scene.views);
  const hasMap = views.has("map") && objective.kind === "surface";
  const root = element("section", "adamedu-playground");
  root.setAttribute("aria-label", scene.title || "Playground");
  // JupyterLab leaves the keys to a focused element that asks for it.
  root.addEventListener("focusin", ({ target }) => { target.dataset.lmSuppressShortcuts = "true"; });
  const map = element("div", "map");
  const mapCanvas = element("canvas");
  const grip = element("div", "grip");
  map.append(mapCanvas, grip);
  const curveCanvas = element("canvas");
  curveCanvas.setAttribute("role", "img");
  const mapPanel = hasMap && (names.length === 1 ? makeHill : makeMap)(mapCanvas, objective, surface);
  const curvePanel = views.has("curve") && makeCurve(curveCanvas, curve);
  const legend = element("p", "arrows");
  const pictures = element("div", "pictures");
  if (hasMap) {
    pictures.append(map);
  }
  if (curvePanel) pictures.append(curveCanvas);
  const transport = makeTransport(actions, most);
  if (objective.kind === "gradients") transport.root.classList.add("given");
  const chips = makeRunners(scene.runners, actions);
  const words = element("p", "words");
  const said = element("p", "said");
  said.setAttribute("role", "status");
  const settings = makeSettings(scene, actions);
  const table = views.has("table") && makeTable();
  const coordinates = makeCoordinates(names, actions);
  const code = makeCode(scene);
  const details = element("div", "details");
  details.append(settings.root);
  if (table) {
    table.root.prepend(coordinates.root);
    table.root.append(code.root);
    details.append(table.root);
  }
  if (scene.title) root.append(element("p", "title", scene.title));
  root.append(pictures);
  if (hasMap) root.append(legend);
  root.append(transport.root);
  if (runners.length > 1) root.append(chips.root);
  root.append(words, said, details);

  let frame = 0;
  let last = 0;
  let timer = 0;
  let sizes = null;
  const backdrop = scene.backdrop ? Object.assign(new Image(), { src: scene.backdrop.image }) : null;
  backdrop?.addEventListener("load", () => draw());

  /** The one way to change the state: what follows from it is found and shown at once. */
  function change(changes, { tell = true } = {}) {
    const atEnd = state.step === state.steps;
    Object.assign(state, changes);
    state.steps = Math.min(state.steps, most);
    if ("steps" in changes && !("step" in changes) && atEnd) state.step = state.steps;
    state.step = Math.min(state.steps, Math.max(0, state.step));
    if (tell) shared.tell(Object.keys(changes));
    if ("playing" in changes && !tell) state.playing ? play() : pause();
    draw();
    if (!state.playing) sayLater();
  }

  function findWays() {
    for (const [i, runner] of runners.entries()) {
      const values = runner.sliders.map(({ name }) => state.settings[runner.id][name]);
      const buffer = runner.code ? null : model.get("buffers")?.[runner.id];
      const of = JSON.stringify([state.start, state.steps, values]);
      if (runner.of === of && runner.buffer === buffer) continue;
      const task = { start: state.start, steps: state.steps, values };
      runner.way = runner.code
        ? walk(stepsOf[i], surface, objective, task)
        : follow(buffer, surface, objective, task);
      Object.assign(runner, { of, buffer });
    }
  }

  function draw() {
    if (!sizes) return;
    findWays();
    const chosen = runners.find(({ id }) => id === state.chosen);
    const seen = runners.filter(({ id }) => state.visible[id] && id !== state.chosen);
    if (state.visible[state.chosen]) seen.push(chosen); // on top of the others
    const view = { ...state, runners: seen, chosen, names, backdrop: backdrop?.complete ? backdrop : null };
    if (hasMap) {
      const arrows = mapPanel.draw(sizes.map, sizes.mapHeight, view);
      const [x, y] = mapPanel.grip(state.start);
      grip.style.transform = `translate(${x}px, ${y}px)`;
      showArrows(legend, arrows, state.step);
    }
    if (curvePanel) {
      const inOrder = runners.filter(({ id }) => state.visible[id]);
      curvePanel.draw(sizes.curve, sizes.curveHeight, { ...view, runners: inOrder });
    }
    transport.show(state);
    chips.show(state);
    settings.show(state);
    table && table.show(chosen, state.step, state.coordinate, objective.names ?? (names.length > 1 ? names : []));
    coordinates.show(state);
    code.show(chosen);
    const sentence = inWords({ ...view, runners: seen, lossKnown: objective.kind === "surface" });
    words.textContent = sentence;
    map.setAttribute("aria-valuemax", state.steps);
    map.setAttribute("aria-valuenow", state.step);
    map.setAttribute("aria-valuetext", sentence);
  }

  function sayLater() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      said.textContent = words.textContent;
    }, QUIET);
  }

  const calm = globalThis.matchMedia("(prefers-reduced-motion: reduce)");

  function play() {
    if (state.step >= state.steps) state.step = 0;
    state.playing = true;
    last = performance.now();
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(advance);
    shared.tell(["playing", "step"]);
    draw();
  }

  function pause() {
    cancelAnimationFrame(frame);
    state.playing = false;
    state.phase = 0;
    shared.tell(["playing", "step"]);
    draw();
    sayLater();
  }

  function advance(now) {
    if (!root.isConnected) return;
    frame = requestAnimationFrame(advance);
    if (calm.matches) {
      if (now - last < PAUSE / state.speed) return;
      last = now;
      state.step += Math.max(1, Math.round(state.steps / STILL_JUMPS));
    } else {
      const perSecond = Math.max(6, state.steps / SECONDS) * state.speed;
      const passed = state.phase + (Math.min(Math.max(now - last, 0), 100) / 1000) * perSecond;
      last = Math.max(now, last);
      state.step += Math.floor(passed);
      state.phase = passed % 1;
    }
    if (state.step >= state.steps) {
      state.step = state.steps;
      pause();
    } else draw();
  }

  function measure() {
    const width = root.clientWidth - 2 * parseFloat(getComputedStyle(root).paddingLeft);
    if (width <= 0) return;
    const gap = 24;
    const wide = width >= WIDE;
    root.classList.toggle("wide", wide);
    let mapWidth = hasMap ? width : 0;
    if (wide && hasMap && curvePanel) {
      mapWidth = Math.round(0.56 * width);
      while (mapPanel.height(mapWidth) > TALLEST && mapWidth > 0.35 * width) mapWidth -= 4;
    }
    while (hasMap && mapPanel.height(mapWidth) > 1.6 * TALLEST) mapWidth -= 4;
    const mapHeight = hasMap ? Math.round(mapPanel.height(mapWidth)) : 0;
    const beside = wide && hasMap;
    sizes = {
      map: mapWidth,
      mapHeight,
      curve: beside ? width - mapWidth - gap : width,
      curveHeight: beside ? Math.max(mapHeight, LOWEST) : Math.round(Math.min(280, Math.max(200, 0.45 * width))),
    };
    draw();
  }

  const observer = new ResizeObserver(measure);
  listenToMap();
  listenToCurve();
  root.addEventListener("keydown", (event) => {
    const target = event.target.closest("button, input, select, summary, label, .map");
    if (event.key === " " && !target) {
      event.preventDefault();
      actions.play();
    }
  });

  function listenToMap() {
    map.setAttribute("role", "slider");
    map.tabIndex = 0;
    map.setAttribute("aria-label", "Map: arrow keys step, space plays");
    map.setAttribute("aria-valuemin", 0);
    const jumps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity };
    map.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " ") actions.play();
      else if (event.key in jumps) actions.go((step) => step + jumps[event.key]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    const put = (event) => {
      const box = mapCanvas.getBoundingClientRect();
      const place = mapPanel.fromPixel(event.clientX - box.left, event.clientY - box.top);
      const start = place.map((value, i) => valueAt(linear(i), positionOf(linear(i), value)));
      change({ start });
    };
    grip.title = "Drag the start";
    grip.addEventListener("pointerdown", (event) => {
      grip.setPointerCapture(event.pointerId);
      event.preventDefault();
      map.focus({ preventScroll: true });
    });
    grip.addEventListener("pointermove", (event) => {
      if (grip.hasPointerCapture(event.pointerId)) put(event);
    });
    mapCanvas.addEventListener("dblclick", put);
  }

  function listenToCurve() {
    const put = (event) => {
      const at = curvePanel.stepAt(event.clientX - curveCanvas.getBoundingClientRect().left);
      actions.go(() => at);
    };
    curveCanvas.setAttribute("aria-label", `${curve.quantity === "loss" ? "Loss" : curve.quantity} over the steps`);
    curveCanvas.addEventListener("pointerdown", (event) => {
      curveCanvas.setPointerCapture(event.pointerId);
      put(event);
    });
    curveCanvas.addEventListener("pointermove", (event) => {
      if (curveCanvas.hasPointerCapture(event.pointerId)) put(event);
    });
  }

  return {
    root,
    open() {
      Object.assign(state, shared.read());
      state.steps = Math.min(state.steps, most);
      const playing = state.playing && !calm.matches;
      state.playing = false;
      measure();
      observer.observe(root);
      if (playing) play();
    },
    close() {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      observer.disconnect();
      shared.stop();
      root.remove();
    },
  };
}

/** The arrows' legend: what each is, and its numbers. */
function showArrows(legend, arrows, step) {
  const parts = arrows.map(({ name, meaning, color, vector, times }) => {
    const part = element("span", "arrow");
    const sign = element("span", "sign", "➜");
    sign.style.color = color;
    const larger = times > 1 ? ` drawn ${format(times)}×` : "";
    const numbers = [...vector].map((value) => format(value, 2)).join(", ");
    part.append(sign, element("b", "", name === meaning ? name : `${name} ${meaning}`), ` (${numbers})${larger}`);
    return part;
  });
  legend.replaceChildren(...(parts.length ? parts : [step ? "" : "Drag the ring to start elsewhere."]));
}

/** The switch between coordinates. */
function makeCoordinates(names, actions) {
  const root = element("div", "coordinates");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Coordinate");
  root.hidden = names.length < 2;
  const buttons = names.map((name, i) => {
    const made = element("button", "", name);
    made.type = "button";
    made.addEventListener("click", () => actions.change({ coordinate: i }));
    root.append(made);
    return made;
  });
  return {
    root,
    show: ({ coordinate }) => buttons.forEach((made, i) => made.setAttribute("aria-pressed", String(i === coordinate))),
  };
}

/** The generated functions, to be read. */
function makeCode(scene) {
  const root = element("details", "code");
  const text = element("pre");
  text.tabIndex = 0;
  root.append(element("summary", "", "See the code"), text);
  return {
    root,
    show({ code }) {
      const shown = [code ?? "// computed in the notebook's kernel", scene.objective.code].filter(Boolean).join("\n\n");
      if (text.textContent !== shown) text.textContent = shown;
    },
  };
}
