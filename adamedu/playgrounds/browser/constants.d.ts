// The module that bundle.py makes of Python's own constants.

export const CONTOUR: string;
export const DECADES: number;
export const GRID_POINTS: number;
export const GROUND: string;
export const INK: string;
export const LIMIT: number;
export const LINE_WIDTH: number;
export const ROUNDING: number;
export const SOFT: string;
