// Renders the page's widgets without a kernel: each gets a model that only remembers.

function modelOf(state) {
  const listeners = new Map();
  return {
    get: (name) => state[name],
    set(name, value) {
      state[name] = value;
      for (const listener of [...(listeners.get(`change:${name}`) ?? [])]) listener();
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

function restore(state, buffers) {
  for (const { path, data } of buffers) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const last = path.pop();
    path.reduce((place, key) => place[key], state)[last] = new DataView(bytes.buffer);
  }
  return state;
}

async function show() {
  const { modules, models } = JSON.parse(document.getElementById("widgets").textContent);
  const loaded = modules.map(({ code }) =>
    import(URL.createObjectURL(new Blob([code], { type: "text/javascript" }))),
  );
  for (const { style } of modules) {
    document.head.appendChild(document.createElement("style")).textContent = style;
  }
  for (const el of document.querySelectorAll("[data-widget]")) {
    try {
      await render(el, models[el.dataset.widget], loaded);
    } catch (error) {
      console.error(error);
      el.setAttribute("role", "status");
      el.textContent = `What belongs here can't be shown (${error?.message ?? error}).`;
    }
  }
}

async function render(el, stored, loaded) {
  if (!stored) throw new Error("it plays only in Jupyter");
  const widget = (await loaded[stored.module]).default;
  const { state, buffers } = structuredClone(stored);
  const model = modelOf(restore(state, buffers));
  await widget.initialize?.({ model });
  await widget.render({ model, el });
}

show();
