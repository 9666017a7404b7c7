// Numbers as they are read: four digits, a true minus sign, powers of ten; ticks; sliders' scales.

import { ROUNDING } from "./constants.js";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const exact = (value = NaN) => Number(value.toPrecision(12));

/** @param {number} exponent */
export function superscript(exponent) {
  const digits = String(Math.abs(exponent)).replace(/\d/gu, (digit) => SUPERSCRIPTS[Number(digit)]);
  return (exponent < 0 ? "⁻" : "") + digits;
}

/**
 * Write a number with up to so many digits: "−0.01235", "1.2·10⁻⁷", "–" where there is none.
 * @param {number} value
 */
export function format(value, digits = 4) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const [mantissa, exponent] = Math.abs(value)
    .toExponential(digits - 1)
    .split("e");
  const sign = value < 0 ? "−" : "";
  const power = Number(exponent);
  if (power >= -4 && power < 6) return sign + Number(`${mantissa}e${power}`);
  const factor = Number(mantissa);
  return `${sign}${factor === 1 ? "" : `${factor}·`}10${superscript(power)}`;
}

/**
 * Write a point: "(−1.2, 0.3)", a single coordinate without parentheses.
 * @param {Iterable<number>} values
 */
export function point(values, digits = 3) {
  const written = [...values].map((value) => format(value, digits));
  return written.length === 1 ? written[0] : `(${written.join(", ")})`;
}

/**
 * The next number up that is 1, 2 or 5 times a power of ten.
 * @param {number} value
 */
export function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5].find((one) => one * power >= value * 0.999) ?? 10;
  return exact(factor * power);
}

/**
 * Round numbers in a range, about so many.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function linearTicks(low, high, count) {
  const gap = nice((high - low) / count);
  const ticks = [];
  for (let k = Math.ceil(low / gap - 1e-9); k * gap <= high + gap * 1e-9; k++) ticks.push(k * gap);
  return ticks.map(exact);
}

/**
 * Powers of ten in a range of exponents, at most so many.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function decades(low, high, count) {
  const gap = Math.max(1, Math.ceil((high - low) / count));
  const ticks = [];
  for (let power = Math.ceil(low); power <= high; power++) {
    if (power % gap === 0) ticks.push(10 ** power);
  }
  return ticks;
}

/**
 * How a slider's position, 0 to 1, stands for a value; what it gives is rounded to be read.
 * @type {Record<ScaleName, Record<"value" | "position", (x: number, low: number, high: number) => number>>}
 */
const SCALES = {
  linear: {
    value: (at, low, high) => {
      const unit = 10 ** Math.floor(Math.log10((high - low) * ROUNDING));
      return exact(Math.round((low + at * (high - low)) / unit) * unit);
    },
    position: (value, low, high) => (value - low) / (high - low),
  },
  log: {
    value: (at, low, high) => Number((low * (high / low) ** at).toPrecision(2)),
    position: (value, low, high) => Math.log(value / low) / Math.log(high / low),
  },
  "one-minus": {
    value: (at, low, high) => exact(1 - SCALES.log.value(at, 1 - low, 1 - high)),
    position: (value, low, high) => SCALES.log.position(1 - value, 1 - low, 1 - high),
  },
};

/**
 * @param {Scale} range
 * @param {number} at
 */
export function valueAt({ scale, low, high }, at) {
  return Math.min(high, Math.max(low, SCALES[scale].value(at, low, high)));
}

/**
 * @param {Scale} range
 * @param {number} value
 */
export function positionOf({ scale, low, high }, value) {
  const at = SCALES[scale].position(value, low, high);
  return Math.min(1, Math.max(0, Number.isFinite(at) ? at : 0));
}
