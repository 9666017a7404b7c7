// The few elements that every panel is made of.

export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** A button with a drawn sign, named for those who don't see it. */
export function button(name, outline, onClick) {
  const made = element("button");
  made.type = "button";
  made.innerHTML = '<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true"><path/></svg>';
  made.addEventListener("click", onClick);
  sign(made, name, outline);
  return made;
}

/** Give a button another name and sign. */
export function sign(made, name, outline) {
  made.setAttribute("aria-label", name);
  made.title = name;
  made.querySelector("path").setAttribute("d", outline);
}

/** A slider with its name for assistive technology. */
export function range(name, most, onInput) {
  const made = element("input");
  Object.assign(made, { type: "range", min: 0, max: most, step: 1 });
  made.setAttribute("aria-label", name);
  made.addEventListener("input", () => onInput(Number(made.value)));
  return made;
}

/** A control with its visible label. */
export function labelled(text, control) {
  const made = element("label", "labelled");
  made.append(element("span", "", text), control);
  return made;
}
