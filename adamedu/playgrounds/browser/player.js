// Playing: step after step, smoothly; where motion isn't wanted, a few still pictures.

const SECONDS = 8; // that a play takes at speed 1
const SLOWEST = 6; // steps a second
const STILLS = 10; // pictures of a play without motion,
const PAUSE = 700; // so many milliseconds apart

/**
 * Make the player of a state: `show` draws it where it is `seen`, `rest` follows the end of a play.
 * @param {State} state
 * @param {{ seen: () => boolean, show: () => void, rest: () => void }} on
 */
export function makePlayer(state, { seen, show, rest }) {
  const calm = globalThis.matchMedia("(prefers-reduced-motion: reduce)");
  let frame = 0;
  let last = 0;

  /** @param {number} now */
  function advance(now) {
    if (!seen()) return;
    frame = requestAnimationFrame(advance);
    if (calm.matches) {
      if (now - last < PAUSE / state.speed) return;
      state.step += Math.max(1, Math.round(state.steps / STILLS));
    } else {
      const perSecond = Math.max(SLOWEST, state.steps / SECONDS) * state.speed;
      const seconds = Math.min(Math.max(now - last, 0), 100) / 1000;
      const passed = state.phase + seconds * perSecond;
      state.step += Math.floor(passed);
      state.phase = passed % 1;
    }
    last = Math.max(now, last);
    if (state.step < state.steps) show();
    else {
      state.step = state.steps;
      stop();
      rest();
    }
  }

  /** Go on with a play, also after it was out of sight. */
  function wake() {
    cancelAnimationFrame(frame);
    last = performance.now();
    if (state.playing) frame = requestAnimationFrame(advance);
  }

  function stop() {
    cancelAnimationFrame(frame);
    state.playing = false;
    state.phase = 0;
  }

  return {
    calm: () => calm.matches,
    stop,
    wake,
    start() {
      if (state.step >= state.steps) state.step = 0;
      state.playing = true;
      wake();
    },
  };
}
