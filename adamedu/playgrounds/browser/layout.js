// How large the pictures are: two columns where there is room, one below the other elsewhere.

const WIDE = 640; // pixels: from here on, two columns
const GAP = 24;
const TALLEST = 360;
const FLATTEST = 170; // a map that would be flatter gets the whole width
const LOWEST = 230;
const LEAST = 100; // a picture that would be narrower or lower gets this much
const SHARE = 0.56; // of the width, the map's

/**
 * Divide a width between the map and the curve, which know the heights they need.
 * @param {number} room
 * @param {MapPanel | null} map
 * @param {CurvePanel | null} curve
 * @param {number} count
 * @returns {Sizes}
 */
export function divide(room, map, curve, count) {
  const width = Math.max(LEAST, Math.floor(room));
  const needed = curve?.height(count) ?? 0;
  const isWide = width >= WIDE;
  const beside = isWide && Boolean(map && curve) && (map?.height(SHARE * width) ?? 0) >= FLATTEST;
  let wide = beside ? Math.round(SHARE * width) : width;
  const tallest = beside ? TALLEST : 1.6 * TALLEST;
  const narrowest = Math.max(LEAST, 0.35 * width);
  while (map && map.height(wide) > tallest && wide > narrowest) wide -= 4;
  const high = map ? Math.round(Math.min(tallest, Math.max(LEAST, map.height(wide)))) : 0;
  const alone = Math.round(Math.min(280, Math.max(200, 0.45 * width)));
  return {
    wide: isWide,
    beside,
    map: [wide, high],
    curve: beside
      ? [width - wide - GAP, Math.max(high, LOWEST, needed)]
      : [width, Math.max(alone, needed)],
  };
}
