// What the browser and the kernel share, both ways; without a kernel nobody listens.

const SHARED = ["start", "steps", "settings", "step", "playing"];
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
  const heard = () => {
    if (telling) return;
    const news = Object.entries(read()).filter(([name, value]) => !same(value, state[name]));
    if (news.length) hear(structuredClone(Object.fromEntries(news)));
  };
  const computed = () => hear({});
  for (const name of SHARED) model.on(`change:${name}`, heard);
  model.on("change:buffers", computed);
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
      for (const name of SHARED) model.off(`change:${name}`, heard);
      model.off("change:buffers", computed);
    },
  };
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
