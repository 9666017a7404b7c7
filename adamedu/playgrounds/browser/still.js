// The still stands before the playground, for hosts that show no widgets and for print.

const FAR = 8; // ancestors to look at
const WAITS = [50, 200, 1000, 4000]; // milliseconds: a host may render captions late
const SIGNS = /[^\p{L}\p{N}]/gu;

/**
 * Find the picture and its caption that were displayed just before an element.
 * @param {Element} element
 * @param {string} caption
 */
function findStill(element, caption) {
  const wanted = letters(caption);
  /** @type {Element | null} */
  let at = element;
  for (let k = 0; wanted && at && k < FAR; k++) {
    const words = at.previousElementSibling;
    const picture = words?.previousElementSibling;
    if (picture?.querySelector("img") && letters(words?.textContent ?? "") === wanted) {
      return [picture, words];
    }
    at = at.parentElement;
  }
  return [];
}

const letters = (text = "") => text.replace(SIGNS, "");

/**
 * Make what hides an element's still on screens, not in print, and brings it back.
 * @param {Element} element
 * @param {string} caption
 */
export function makeStill(element, caption) {
  /** @type {(Element | null)[]} */
  let found = [];
  let timer = 0;
  const hide = ([wait, ...more] = WAITS) => {
    clearTimeout(timer);
    found = findStill(element, caption);
    for (const part of found) part?.classList.add("adamedu-still");
    if (found.length === 0 && wait) timer = setTimeout(hide, wait, more);
  };
  return {
    hide: () => hide(),
    show() {
      clearTimeout(timer);
      for (const part of found) part?.classList.remove("adamedu-still");
    },
  };
}
