// What Python sends, as adamedu/playgrounds/schema.py has it.

type ScaleName = "linear" | "log" | "one-minus";

/** How a runner is drawn. */
interface Look {
  label: string;
  color: string;
  dash: number[];
  marker: string;
}

/** A part of an equation: text, or a name. */
type Token = string | { name: string; symbol: string; raised?: boolean };

/** A line of a step function. */
interface Line {
  name: string;
  symbol: string;
  sign: string;
  equation: Token[];
}

/** The range in which a number is played with. */
interface Scale {
  low: number;
  high: number;
  scale: ScaleName;
}

/** A hyperparameter. */
interface Slider extends Scale {
  name: string;
  symbol: string;
  value: number;
}

interface RunnerScene extends Look {
  id: string;
  on: boolean;
  code: string | null;
  state: string[];
  lines: Line[];
  sliders: Slider[];
}

/** A level of the contours; each ring is x, y, x, y, … */
interface Area {
  fill: string;
  rings: number[][];
}

interface SurfaceScene {
  kind: "surface";
  name: string;
  equation: string;
  code: string;
  names: string[];
  domain: [number, number][];
  minima: number[][];
  /** What each minimum is called. */
  called: string[];
  contours: Area[];
  ground: number[];
  noise: number[][] | null;
  values?: undefined;
}

interface GradientsScene {
  kind: "gradients";
  values: number[][];
  code?: undefined;
  names?: undefined;
  domain?: undefined;
  noise?: undefined;
}

type Objective = SurfaceScene | GradientsScene;

interface CurveScene {
  quantity: string;
  scale: "linear" | "log";
  bars: boolean;
}

interface Scene {
  version: number;
  title: string;
  alt: string;
  runners: RunnerScene[];
  objective: Objective;
  start: number[];
  steps: number;
  /** So many steps can be asked for. */
  most_steps: number;
  views: string[];
  together: boolean;
  curve: CurveScene;
  backdrop: { image: string } | null;
}

// What javascript.py prints.

type Named = Record<string, number>;
type Step = (...values: number[]) => [number, ...(number | Named)[]];
type Surface = (...point: number[]) => [number, number[]];
interface Functions {
  steps: (Step | null)[];
  surface: Surface | null;
}

// What the browser and the kernel share: the traits of widget.py.

type Settings = Record<string, Record<string, number>>;

interface Shared {
  start: number[];
  steps: number;
  settings: Settings;
  chosen: string;
  step: number;
  playing: boolean;
}

interface Traits extends Shared {
  scene: Scene;
  buffers: Record<string, DataView<ArrayBuffer>>;
}

/** A widget's model, as anywidget has it; a page without a kernel may lack some traits. */
interface Model {
  get<K extends keyof Traits>(name: K): Traits[K] | undefined;
  set<K extends keyof Traits>(name: K, value: Traits[K]): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
  save_changes(): void;
}

// What the modules hand each other.

/** What is set, and what is seen of it. */
interface State extends Shared {
  visible: Record<string, boolean>;
  coordinate: number;
  together: boolean;
  speed: number;
  /** How far it is from this step to the next. */
  phase: number;
}

/** The one way to change the state. */
interface Actions {
  state(): State;
  change(changes: Partial<State>): void;
  go(to: (step: number) => number): void;
  play(): void;
  reset(): void;
  showRunner(id: string, on: boolean): void;
  moveStart(i: number, value: number): void;
  set(id: string, name: string, value: number): void;
}

/** A run: `size` numbers a row, and a row for each step until it has `left`. */
interface Way {
  size: number;
  rows: number;
  length: number;
  left: number | null;
  theta: Float64Array;
  gradients: Float64Array;
  losses: Float64Array;
  /** The state before each step, by coordinate. */
  states: number[][][];
  step: Step | null;
  values: number[];
}

interface Runner extends RunnerScene {
  make: Step | null;
  way: Way;
  /** What its way follows from. */
  of: string;
  buffer: DataView<ArrayBuffer> | null;
}

/** What a panel shows. */
interface View extends Omit<State, "chosen"> {
  runners: Runner[];
  chosen: Runner;
  names: string[];
  backdrop: HTMLImageElement | null;
}

type Pixel = [x: number, y: number];

interface Arrow {
  name: string;
  meaning: string;
  color: string;
  width: number;
  from: Pixel;
  to: Pixel;
  vector: number[];
  /** How much larger than the map's scale it is drawn. */
  times: number;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The vertical axis of a curve. */
interface Axis {
  up: (value: number) => number;
  ticks: [value: number, text: string][];
}

/** The map of a surface with two coordinates, or the profile of one with one. */
interface MapPanel {
  fromPixel(x: number, y: number): number[];
  height(width: number): number;
  /** Where the start is grabbed. */
  grip(start: number[]): Pixel;
  draw(width: number, height: number, view: View): Arrow[];
}

interface CurvePanel {
  /** The height at which so many names have room. */
  height(count: number): number;
  /** Which step is at a pixel. */
  stepAt(x: number): number;
  draw(width: number, height: number, view: View): void;
}

interface Panels {
  root: HTMLElement;
  ruler: HTMLElement;
  map: MapPanel | null;
  curve: CurvePanel | null;
  whenLoaded(draw: () => void): void;
  say(): void;
  show(state: State, runners: Runner[], sizes: Sizes): void;
}

interface Sizes {
  wide: boolean;
  beside: boolean;
  map: Pixel;
  curve: Pixel;
}

/** A page's widget, as publishing/pages.py stores it. */
interface StoredWidget {
  module: number;
  state: StoredState;
  buffers: { path: string[]; data: string }[];
}

interface StoredState {
  [name: string]: StoredState;
}

interface StoredPage {
  modules: { code: string; style: string }[];
  models: Record<string, StoredWidget>;
}

/** A widget's model on a page without a kernel. */
interface PageModel {
  get(name: string): unknown;
  set(name: string, value: StoredState): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener?: () => void): void;
  save_changes(): void;
  send(): void;
}

interface WidgetModule {
  default: {
    initialize?: (given: { model: PageModel }) => unknown;
    render: (given: { model: PageModel; el: Element }) => unknown;
  };
}
