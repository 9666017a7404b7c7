// The still stands before the playground, for hosts that show no widgets and for print.

const FAR = 8; // ancestors to look at
const WAITS = [50, 200, 1000, 4000]; // milliseconds: a host may render captions late

/** Find the picture and its caption that were displayed just before an element. */
function findStill(element, caption) {
  const wanted = letters(caption);
  if (!wanted) return [];
  for (let [at, k] = [element, 0]; at && k < FAR; at = at.parentElement, k++) {
    const words = at.previousElementSibling;
    const picture = words?.previousElementSibling;
    if (picture?.querySelector("img") && letters(words.textContent) === wanted) return [picture, words];
  }
  return [];
}

const letters = (text) => text.replace(/[^\p{L}\p{N}]/gu, "");

/** Make what hides an element's still on screens, not in print, and brings it back. */
export function makeStill(element, caption) {
  let found = [];
  let timer = 0;
  const hide = ([wait, ...more]) => {
    clearTimeout(timer);
    found = findStill(element, caption);
    for (const part of found) part.classList.add("adamedu-still");
    if (!found.length && wait) timer = setTimeout(() => hide(more), wait);
  };
  return {
    hide: () => hide(WAITS),
    show() {
      clearTimeout(timer);
      for (const part of found) part.classList.remove("adamedu-still");
    },
  };
}
