// What the browser and the kernel share, both ways; without a kernel nobody listens.

const SHARED = ["start", "steps", "settings", "chosen", "step", "playing"];
const OFTEN = 150; // milliseconds between steps that are told

/** Share a state with a model; `hear` is called with what came from the other side. */
export function shareWith(model, state, hear) {
  let timer = 0;
  let telling = false;
  const read = () => {
    const found = SHARED.map((name) => [name, model.get(name)]);
    return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null));
  };
  const put = (names) => {
    telling = true;
    for (const name of names) model.set(name, structuredClone(state[name]));
    telling = false;
    model.save_changes();
  };
  const listeners = SHARED.map((name) => [
    `change:${name}`,
    () => {
      const value = model.get(name);
      if (!telling && !same(value, state[name])) hear({ [name]: structuredClone(value) });
    },
  ]);
  listeners.push(["change:buffers", () => hear({})]);
  for (const [event, listener] of listeners) model.on(event, listener);
  return {
    read,
    /** Tell what has changed; steps are told now and then, what else changes at once. */
    tell(names) {
      const known = names.filter((name) => SHARED.includes(name));
      if (known.some((name) => name !== "step")) put(known);
      else if (known.length) {
        clearTimeout(timer);
        timer = setTimeout(() => put(["step"]), OFTEN);
      }
    },
    stop() {
      clearTimeout(timer);
      for (const [event, listener] of listeners) model.off(event, listener);
    },
  };
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
