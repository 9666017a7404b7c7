// Renders the page's widgets without a kernel: each gets a model that only remembers.

/**
 * @param {StoredState} state
 * @returns {PageModel}
 */
function modelOf(state) {
  /** @type {Map<string, (() => void)[]>} */
  const listeners = new Map();
  return {
    get: (name) => state[name],
    set(name, value) {
      state[name] = value;
      for (const listener of listeners.get(`change:${name}`) ?? []) listener();
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },
    off(event, listener) {
      const left = (listeners.get(event) ?? []).filter((one) => listener && one !== listener);
      listeners.set(event, left);
    },
    save_changes() {},
    send() {},
  };
}

/** @param {StoredWidget} widget */
function restore({ state, buffers }) {
  for (const { path, data } of buffers) {
    const { buffer } = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const place = path.slice(0, -1).reduce((part, key) => part[key], state);
    Object.assign(place, { [path.at(-1) ?? ""]: new DataView(buffer) });
  }
  return state;
}

async function show() {
  /** @type {StoredPage} */
  const { modules, models } = JSON.parse(document.querySelector("#widgets")?.textContent ?? "");
  const loaded = modules.map(
    /** @returns {Promise<WidgetModule>} */
    ({ code }) => import(URL.createObjectURL(new Blob([code], { type: "text/javascript" }))),
  );
  for (const { style } of modules) {
    document.head.appendChild(document.createElement("style")).textContent = style;
  }
  /** @type {NodeListOf<HTMLElement>} */
  const places = document.querySelectorAll("[data-widget]");
  for (const el of places) {
    try {
      await render(el, models[el.dataset.widget ?? ""], loaded);
    } catch (error) {
      console.error(error);
      el.setAttribute("role", "status");
      const why = error instanceof Error ? error.message : error;
      el.textContent = `What belongs here can't be shown (${why}).`;
    }
  }
}

/**
 * @param {Element} el
 * @param {StoredWidget | undefined} stored
 * @param {Promise<WidgetModule>[]} loaded
 */
async function render(el, stored, loaded) {
  if (!stored) throw new Error("it plays only in Jupyter");
  const { default: widget } = await loaded[stored.module];
  const model = modelOf(restore(structuredClone(stored)));
  await widget.initialize?.({ model });
  await widget.render({ model, el });
}

show();
