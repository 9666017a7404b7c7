// The named values of one step: every equation with its symbols, and with the numbers put in.

import { valuesAt } from "./engine.js";
import { format } from "./numbers.js";
import { element } from "./elements.js";

const DIGITS = 4;

/** Make the table; `show` fills it in for a runner, a step and a coordinate. */
export function makeTable() {
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
      const name = names[coordinate];
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
