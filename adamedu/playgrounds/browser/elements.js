// The few elements that every panel is made of.

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 */
export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/**
 * A button with a text, or with what is put into it.
 * @param {string} text
 * @param {() => void} onClick
 */
export function button(text, onClick, className = "") {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

/**
 * A button with a drawn sign, named for those who don't see it.
 * @param {string} name
 * @param {string} outline
 * @param {() => void} onClick
 */
export function signed(name, outline, onClick, className = "") {
  const made = button("", onClick, className);
  made.innerHTML =
    '<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true"><path/></svg>';
  sign(made, name, outline);
  return made;
}

/**
 * Give a button another name and sign.
 * @param {HTMLElement} made
 * @param {string} name
 * @param {string} outline
 */
export function sign(made, name, outline) {
  made.setAttribute("aria-label", name);
  made.title = name;
  made.querySelector("path")?.setAttribute("d", outline);
}

/**
 * A slider with its name for assistive technology.
 * @param {string} name
 * @param {number} most
 * @param {(at: number) => void} onInput
 */
export function range(name, most, onInput) {
  const made = element("input");
  Object.assign(made, { type: "range", min: 0, max: most, step: 1 });
  made.setAttribute("aria-label", name);
  made.addEventListener("input", () => onInput(made.valueAsNumber));
  return made;
}

/**
 * A box to tick.
 * @param {(on: boolean) => void} onChange
 */
export function tickbox(onChange) {
  const made = element("input");
  made.type = "checkbox";
  made.addEventListener("change", () => onChange(made.checked));
  return made;
}

/**
 * A control with its visible label.
 * @param {string} text
 * @param {HTMLElement} control
 */
export function labelled(text, control) {
  const made = element("label", "labelled");
  made.append(element("span", "", text), control);
  return made;
}

/** @param {string} name */
export function group(name, className = "") {
  const made = element("div", className);
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", name);
  return made;
}
