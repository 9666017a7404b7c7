// The playground: one state, the ways that follow from it, and the panels that show them.

import { showLegend } from "./arrows.js";
import { makeCurve } from "./curve.js";
import { element } from "./elements.js";
import { blank, follow, load, walk } from "./engine.js";
import { apologize } from "./failing.js";
import { listenToCurve, listenToMap, listenToSpace } from "./gestures.js";
import { makeHill } from "./hill.js";
import { divide } from "./layout.js";
import { makeMap } from "./map.js";
import { makePlayer } from "./player.js";
import { makeRunners, makeSettings } from "./settings.js";
import { shareWith } from "./sharing.js";
import { makeStill } from "./still.js";
import { makeCode, makeCoordinates, makeTable } from "./table.js";
import { makeTransport } from "./transport.js";
import { inWords } from "./words.js";

const QUIET = 400; // milliseconds before the state is said

/** @param {{ model: Model, el: HTMLElement }} given */
async function render({ model, el }) {
  let close = () => {};
  const fail = (/** @type {unknown} */ error) => {
    close();
    apologize(el, error);
  };
  try {
    const scene = /** @type {Scene} */ (model.get("scene"));
    const still = makeStill(el, scene.alt);
    const seen = { shown: still.hide, failed: fail };
    const playground = makePlayground(scene, await load(scene), model, seen);
    close = () => {
      still.show();
      playground.close();
    };
    el.append(playground.root);
    playground.open();
  } catch (error) {
    fail(error);
  }
  return () => close();
}

export default { render };

/**
 * `shown` is called when it has been drawn at a new size, `failed` with what keeps it from that.
 * @param {Scene} scene
 * @param {Functions} functions
 * @param {Model} model
 * @param {{ shown: () => void, failed: (error: unknown) => void }} on
 */
function makePlayground(scene, functions, model, { shown, failed }) {
  const first = firstState(scene, model);
  /** @type {State} */
  const state = {
    ...structuredClone(first),
    chosen: scene.runners[0].id,
    visible: Object.fromEntries(scene.runners.map(({ id, on }) => [id, on])),
    coordinate: 0,
    together: scene.together,
    speed: 1,
    playing: false,
    phase: 0,
  };
  /** @type {Runner[]} */
  const runners = scene.runners.map((runner, i) => ({
    ...runner,
    make: functions.steps[i],
    way: blank(scene.start, 0),
    of: "",
    buffer: null,
  }));
  /** @type {Actions} */
  const actions = {
    state: () => state,
    change,
    go(to) {
      if (state.playing) pause();
      change({ step: to(state.step), phase: 0 });
    },
    play: () => (state.playing ? pause() : play()),
    reset() {
      pause();
      change(structuredClone(first));
    },
    showRunner: (id, on) => change({ visible: { ...state.visible, [id]: on } }),
    moveStart: (i, value) => change({ start: state.start.with(i, value) }),
    set(id, name, value) {
      const settings = structuredClone(state.settings);
      for (const key of state.together ? Object.keys(settings) : [id]) {
        if (name in settings[key]) settings[key][name] = value;
      }
      change({ settings });
    },
  };
  const panels = makePanels(scene, functions.surface, actions);
  const { root } = panels;
  const shared = shareWith(model, state, (changes) => change(changes, false));
  const player = makePlayer(state, { seen: () => width > 0, show: draw, rest: rested });
  const observer = new ResizeObserver(([{ contentRect }]) => measure(contentRect.width));
  let width = 0;
  let timer = 0;

  /**
   * The one way to change the state: what follows from it is found and shown at once.
   * @param {Partial<State>} changes
   */
  function change(changes, tell = true) {
    const atEnd = state.step === state.steps;
    take(changes);
    if ("steps" in changes && !("step" in changes) && atEnd) state.step = state.steps;
    state.step = Math.min(state.steps, Math.max(0, state.step));
    if (!tell && "playing" in changes) {
      if (state.playing) play();
      else pause();
      return;
    }
    draw();
    if (!state.playing) sayLater();
    if (tell) shared.tell(Object.keys(changes));
  }

  /**
   * Take what has changed; who is chosen is seen.
   * @param {Partial<State>} changes
   */
  function take(changes) {
    Object.assign(state, changes);
    state.steps = Math.min(state.steps, scene.most_steps);
    if ("chosen" in changes) state.visible = { ...state.visible, [state.chosen]: true };
  }

  function play() {
    player.start();
    draw();
    shared.tell(["playing", "step"]);
  }

  function pause() {
    player.stop();
    rested();
  }

  function rested() {
    draw();
    sayLater();
    shared.tell(["playing", "step"]);
  }

  function sayLater() {
    clearTimeout(timer);
    timer = setTimeout(panels.say, QUIET);
  }

  /** Draw where there is room for it, and return whether it was drawn. */
  function draw() {
    if (!width) return false;
    try {
      findWays(runners, functions.surface, scene.objective, state, model.get("buffers"));
      const count = runners.filter(({ id }) => state.visible[id]).length;
      panels.show(state, runners, divide(width, panels.map, panels.curve, count));
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  }

  /**
   * Take the width that there is; a host may hide it, take it away and bring it back.
   * @param {number} room
   */
  function measure(room) {
    width = room;
    if (!draw()) return;
    player.wake();
    shown();
  }

  return {
    root,
    open() {
      const { playing, ...found } = shared.read();
      take(found);
      panels.whenLoaded(draw);
      observer.observe(panels.ruler);
      if (playing && !player.calm()) play();
    },
    close() {
      width = 0;
      player.stop();
      clearTimeout(timer);
      observer.disconnect();
      shared.stop();
      root.remove();
    },
  };
}

/**
 * What a reset goes back to.
 * @param {Scene} scene
 * @param {Model} model
 */
function firstState({ start, steps, runners }, model) {
  /** @param {RunnerScene} runner */
  const values = ({ sliders }) =>
    Object.fromEntries(sliders.map(({ name, value }) => [name, value]));
  return {
    start: [...start],
    steps,
    step: model.get("step") ?? steps,
    settings: Object.fromEntries(runners.map((runner) => [runner.id, values(runner)])),
  };
}

/**
 * Find anew the ways of those runners for which something has changed.
 * @param {Runner[]} runners
 * @param {Surface | null} surface
 * @param {Objective} objective
 * @param {State} state
 * @param {Traits["buffers"]} [buffers]
 */
function findWays(runners, surface, objective, { start, steps, settings }, buffers = {}) {
  for (const runner of runners) {
    const values = runner.sliders.map(({ name }) => settings[runner.id][name]);
    const { make } = runner;
    const buffer = buffers[runner.id] ?? null;
    const of = JSON.stringify([start, steps, values]);
    if (runner.of === of && runner.buffer === buffer) continue;
    const way = make
      ? walk(make, surface, objective, { start, steps, values })
      : follow(buffer, surface, objective, { start });
    Object.assign(runner, { way, of, buffer });
  }
}

/**
 * Make all panels; `show` shows a state in them.
 * @param {Scene} scene
 * @param {Surface | null} surface
 * @param {Actions} actions
 * @returns {Panels}
 */
function makePanels(scene, surface, actions) {
  const { objective, curve, title } = scene;
  const views = new Set(scene.views);
  const names = objective.names ?? scene.start.map((_, i) => String(i + 1));
  const root = element("section", "adamedu-playground");
  root.setAttribute("aria-label", title || "Playground");
  // JupyterLab leaves the keys to a focused element that asks for it.
  root.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement) target.dataset.lmSuppressShortcuts = "true";
  });

  const ruler = element("div"); // as wide as there is room, and never high
  const pictures = element("div", "pictures");
  const map = element("div", "map");
  const mapCanvas = element("canvas");
  const grip = element("div", "grip");
  const legend = element("p", "arrows");
  map.append(mapCanvas, grip);
  /** @type {MapPanel | null} */
  let mapPanel = null;
  if (views.has("map") && surface && objective.domain) {
    const make = names.length === 1 ? makeHill : makeMap;
    mapPanel = make(mapCanvas, objective, surface);
    pictures.append(map);
    listenToMap(map, mapCanvas, grip, mapPanel, objective.domain, actions);
  }
  const curveCanvas = element("canvas");
  const curvePanel = views.has("curve") ? makeCurve(curveCanvas, curve) : null;
  if (curvePanel) {
    curveCanvas.setAttribute("role", "img");
    curveCanvas.setAttribute("aria-label", `Curve over the steps: ${curve.quantity}`);
    pictures.append(curveCanvas);
    listenToCurve(curveCanvas, curvePanel, actions);
  }

  const words = element("p", "words");
  const said = element("p", "said");
  said.setAttribute("role", "status");
  const transport = makeTransport(actions, scene.most_steps);
  transport.root.classList.toggle("given", !surface);
  const chips = makeRunners(scene.runners, actions);
  const settings = makeSettings(scene, actions);
  const table = makeTable(objective.names ?? []);
  const coordinates = makeCoordinates(names, actions);
  const code = makeCode(objective);
  table.root.prepend(coordinates.root);
  table.root.append(code.root);
  const details = element("div", "details");
  details.append(settings.root);
  root.append(ruler);
  if (views.has("table")) details.append(table.root);
  if (title) root.append(element("p", "title", title));
  root.append(pictures);
  if (mapPanel) root.append(legend);
  root.append(transport.root);
  if (scene.runners.length > 1) root.append(chips.root);
  root.append(words, said, details);
  listenToSpace(root, actions);
  const backdrop = scene.backdrop && Object.assign(new Image(), { src: scene.backdrop.image });

  return {
    root,
    ruler,
    map: mapPanel,
    curve: curvePanel,
    whenLoaded: (draw) => backdrop?.addEventListener("load", draw),
    say() {
      said.textContent = words.textContent;
    },
    show(state, runners, sizes) {
      root.classList.toggle("wide", sizes.wide);
      pictures.classList.toggle("beside", sizes.beside);
      const chosen = runners.find(({ id }) => id === state.chosen) ?? runners[0];
      const seen = runners.filter(({ id }) => state.visible[id]);
      const picture = backdrop?.naturalWidth ? backdrop : null;
      const view = { ...state, runners: seen, chosen, names, backdrop: picture };
      if (mapPanel) {
        const above = seen.filter((runner) => runner === chosen);
        const below = seen.filter((runner) => runner !== chosen);
        const arrows = mapPanel.draw(...sizes.map, { ...view, runners: [...below, ...above] });
        showLegend(legend, arrows);
        const [x, y] = mapPanel.grip(state.start);
        grip.style.transform = `translate(${x}px, ${y}px)`;
      }
      curvePanel?.draw(...sizes.curve, view);
      for (const panel of [transport, chips, coordinates]) panel.show(state);
      settings.show(state, chosen);
      if (views.has("table")) table.show(chosen, view);
      code.show(chosen);
      words.textContent = inWords(view, Boolean(surface));
      map.setAttribute("aria-valuemax", String(state.steps));
      map.setAttribute("aria-valuenow", String(state.step));
      map.setAttribute("aria-valuetext", words.textContent);
    },
  };
}
