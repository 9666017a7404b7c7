// The named values of one step: every equation with its symbols, and with the numbers put in.

import { valuesAt } from "./engine.js";
import { format } from "./numbers.js";
import { element } from "./elements.js";

const DIGITS = 4;

/** Make the table; a surface has names for its coordinates, given gradients have none. */
export function makeTable(ofSurface) {
  const root = element("div", "values");
  const caption = element("p", "heading");
  const grid = element("div", "rows");
  const note = element("p", "note");
  root.append(caption, grid, note);
  let shown = null;
  let rows = [];

  function build(runner) {
    shown = runner.id;
    rows = [row("gₜ", "=", null), ...runner.lines.map((line) => row(line.symbol, line.sign, line.equation))];
    grid.replaceChildren(...rows.map(({ box }) => box));
  }

  return {
    root,
    show(runner, step, coordinate, names) {
      if (runner.id !== shown) build(runner);
      const along = names.length > 1 ? `, along ${names[coordinate]}` : "";
      caption.textContent = step > 0 ? `${runner.label}: step ${step}${along}` : `${runner.label}: one step`;
      const known = valuesAt(runner.way, runner, step, coordinate);
      note.textContent = remark(runner, step, known);
      const name = ofSurface[coordinate];
      rows[0].symbols.textContent = name === undefined ? "the gradient of this step" : `∂f/∂${name} at θₜ₋₁`;
      rows[0].numbers.textContent = known ? `= ${format(known.g, DIGITS)}` : "";
      runner.lines.forEach((line, i) => {
        const { numbers } = rows[i + 1];
        if (!known || line.sign !== "=") return numbers.replaceChildren();
        numbers.replaceChildren("= ", ...written(line.equation, known));
        numbers.append(" ", element("b", "", `= ${format(known[line.name], DIGITS)}`));
      });
    },
  };
}

function remark(runner, step, known) {
  if (!runner.code) return "This step is computed in the notebook's kernel; its lines can't be read.";
  if (!step) return "Go to a step, and its numbers are put in.";
  return known ? "" : `${runner.label} has left the map before this step.`;
}

function row(symbol, sign, equation) {
  const box = element("div", "row");
  const formula = element("div", "formula");
  const symbols = element("span", "symbols");
  const numbers = element("span", "numbers");
  if (equation) symbols.append(...written(equation, null));
  formula.append(symbols, numbers);
  box.append(element("span", "symbol", symbol), element("span", "sign", sign), formula);
  return { box, symbols, numbers };
}

/** Write an equation's tokens, with numbers in the place of the names that are known. */
function written(tokens, known) {
  return tokens.map((token, i) => {
    if (typeof token === "string") return token;
    if (!known) return token.raised ? element("sup", "", token.symbol) : token.symbol;
    const text = format(known[token.name], DIGITS);
    if (token.raised) return element("sup", "", text);
    return needsParentheses(text, tokens[i + 1], i === 0) ? `(${text})` : text;
  });
}

function needsParentheses(text, following, first) {
  const power = typeof following === "string" ? /^[²³⁴-⁹]/.test(following) : following?.raised;
  return (text.startsWith("−") && (!first || power)) || (power && text.includes("·"));
}

/** Make the switch between coordinates. */
export function makeCoordinates(names, actions) {
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
    show({ coordinate }) {
      buttons.forEach((made, i) => made.setAttribute("aria-pressed", String(i === coordinate)));
    },
  };
}

/** Make what shows the generated functions. */
export function makeCode(scene) {
  const root = element("details", "code");
  const text = element("pre");
  text.tabIndex = 0;
  root.append(element("summary", "", "See the code"), text);
  return {
    root,
    show({ code }) {
      const own = code ?? "// This step is computed in the notebook's kernel.";
      const shown = [own, scene.objective.code].filter(Boolean).join("\n\n");
      if (text.textContent !== shown) text.textContent = shown;
    },
  };
}
