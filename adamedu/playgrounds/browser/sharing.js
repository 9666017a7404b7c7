// What the browser and the kernel share, both ways; without a kernel nobody listens.

/** @type {(keyof Shared)[]} */
const SHARED = ["start", "steps", "settings", "chosen", "step", "playing"];
const OFTEN = 150; // milliseconds between steps that are told

/**
 * Share a state with a model; `hear` is called with what came from the other side.
 * @param {Model} model
 * @param {State} state
 * @param {(changes: Partial<State>) => void} hear
 */
export function shareWith(model, state, hear) {
  let timer = 0;
  let telling = false;
  /** @param {(keyof Shared)[]} names */
  const put = (names) => {
    telling = true;
    for (const name of names) model.set(name, structuredClone(state[name]));
    telling = false;
    model.save_changes();
  };
  /** @type {[string, () => void][]} */
  const listeners = SHARED.map((name) => [
    `change:${name}`,
    () => {
      const value = model.get(name);
      if (!(telling || same(value, state[name]))) hear({ [name]: structuredClone(value) });
    },
  ]);
  listeners.push(["change:buffers", () => hear({})]);
  for (const [event, listener] of listeners) model.on(event, listener);
  return {
    /** @returns {Partial<Shared>} */
    read() {
      const found = SHARED.map((name) => [name, model.get(name)]);
      return Object.fromEntries(found.filter(([, value]) => (value ?? null) !== null));
    },
    /**
     * Tell what has changed; steps are told now and then, what else changes at once.
     * @param {string[]} names
     */
    tell(names) {
      const known = SHARED.filter((name) => names.includes(name));
      if (known.some((name) => name !== "step")) put(known);
      else if (known.length > 0) {
        clearTimeout(timer);
        timer = setTimeout(put, OFTEN, ["step"]);
      }
    },
    stop() {
      clearTimeout(timer);
      for (const [event, listener] of listeners) model.off(event, listener);
    },
  };
}

/** @type {(one: unknown, other: unknown) => boolean} */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
