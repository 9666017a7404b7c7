// The named values of one step: every equation with its symbols, and with the numbers put in.

import { button, element, group } from "./elements.js";
import { valuesAt } from "./engine.js";
import { format } from "./numbers.js";

const DIGITS = 4;
const POWER = /^[²³⁴-⁹]/u;

/**
 * Make the table; a surface has names for its coordinates, given gradients have none.
 * @param {string[]} ofSurface
 */
export function makeTable(ofSurface) {
  const root = element("div", "values");
  const caption = element("p", "heading");
  const grid = element("div", "rows");
  const note = element("p", "note");
  root.append(caption, grid, note);
  let shown = "";
  const gradient = makeRow("gₜ", "=");
  /** @type {ReturnType<typeof makeRow>[]} */
  let rows = [];

  /** @param {RunnerScene} runner */
  function build({ id, lines }) {
    shown = id;
    rows = lines.map((line) => makeRow(line.symbol, line.sign, written(line.equation, null)));
    grid.replaceChildren(gradient.box, ...rows.map(({ box }) => box));
  }

  return {
    root,
    /**
     * @param {Runner} runner
     * @param {View} view
     */
    show(runner, { step, coordinate, names }) {
      if (runner.id !== shown) build(runner);
      const along = names.length > 1 ? `, along ${names[coordinate]}` : "";
      const which = step > 0 ? `step ${step}${along}` : "one step";
      caption.textContent = `${runner.label}: ${which}`;
      const known = valuesAt(runner.way, runner, step, coordinate);
      note.textContent = remark(runner, step, known);
      const name = ofSurface[coordinate];
      gradient.symbols.textContent = name ? `∂f/∂${name} at θₜ₋₁` : "the gradient of this step";
      gradient.numbers.textContent = known ? `= ${format(known.g, DIGITS)}` : "";
      for (const [i, line] of runner.lines.entries()) {
        rows[i].numbers.replaceChildren(...(known ? calculated(line, known) : []));
      }
    },
  };
}

/**
 * A line with its numbers and its result; what a variant takes or returns instead has none.
 * @param {Line} line
 * @param {Named} known
 */
function calculated({ sign, equation, name }, known) {
  if (sign !== "=") return [];
  const result = element("b", "", `= ${format(known[name], DIGITS)}`);
  return ["= ", ...written(equation, known), " ", result];
}

/**
 * @param {RunnerScene} runner
 * @param {number} step
 * @param {Named | null} known
 */
function remark({ code, label }, step, known) {
  if (!code) return "This step is computed in the notebook's kernel; its lines can't be read.";
  if (!step) return "Go to a step, and its numbers are put in.";
  return known ? "" : `${label} has left the map before this step.`;
}

/**
 * @param {string} symbol
 * @param {string} sign
 * @param {(string | Node)[]} [equation]
 */
function makeRow(symbol, sign, equation = []) {
  const box = element("div", "equation");
  const formula = element("div", "formula");
  const symbols = element("span", "symbols");
  const numbers = element("span", "numbers");
  symbols.append(...equation);
  formula.append(symbols, numbers);
  box.append(element("span", "symbol", symbol), element("span", "sign", sign), formula);
  return { box, symbols, numbers };
}

/**
 * Write an equation's tokens, with numbers in the place of the names that are known.
 * @param {Token[]} tokens
 * @param {Named | null} known
 */
function written(tokens, known) {
  return tokens.map((token, i) => {
    if (typeof token === "string") return token;
    const text = known ? format(known[token.name], DIGITS) : token.symbol;
    if (token.raised) return element("sup", "", text);
    return known && needsParentheses(text, tokens[i + 1], i === 0) ? `(${text})` : text;
  });
}

/**
 * @param {string} text
 * @param {Token | undefined} following
 * @param {boolean} first
 */
function needsParentheses(text, following, first) {
  const power = typeof following === "string" ? POWER.test(following) : following?.raised;
  return (text.startsWith("−") && (!first || power)) || (power && text.includes("·"));
}

/**
 * Make the switch between coordinates.
 * @param {string[]} names
 * @param {Actions} actions
 */
export function makeCoordinates(names, actions) {
  const root = group("Coordinate", "coordinates");
  root.hidden = names.length < 2;
  const buttons = names.map((name, i) => button(name, () => actions.change({ coordinate: i })));
  root.append(...buttons);
  return {
    root,
    /** @param {State} state */
    show({ coordinate }) {
      for (const [i, made] of buttons.entries()) {
        made.setAttribute("aria-pressed", String(i === coordinate));
      }
    },
  };
}

/**
 * Make what shows the generated functions.
 * @param {Objective} objective
 */
export function makeCode(objective) {
  const root = element("details", "code");
  const text = element("pre");
  text.tabIndex = 0;
  root.append(element("summary", "", "See the code"), text);
  return {
    root,
    /** @param {RunnerScene} runner */
    show({ code }) {
      const own = code ?? "// This step is computed in the notebook's kernel.";
      const shown = [own, objective.code].filter(Boolean).join("\n\n");
      if (text.textContent !== shown) text.textContent = shown;
    },
  };
}
