// What stands in the place of a playground that can't be shown: one line, beneath its still.

/**
 * Say in an element what has failed; all that it held goes.
 * @param {Element} el
 * @param {unknown} error
 */
export function apologize(el, error) {
  console.error(error);
  const why = error instanceof Error ? error.message : error;
  const words = document.createElement("p");
  words.className = "adamedu-failed";
  words.setAttribute("role", "status");
  words.textContent = `This playground can't be shown (${why}). The picture above shows how it begins.`;
  el.replaceChildren(words);
}
