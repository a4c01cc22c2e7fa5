// What the server tells its pages, and what they ask of it. The page's scripts are checked against it too.

/** Times are milliseconds since the epoch, by the server's clock. */
export type Told =
  /** First of all; `mayOrder`: the token was the right one. */
  | { type: "hello"; time: number; about: About; mayOrder: boolean }
  /** The token is missing or wrong: the line ends. */
  | { type: "refused"; text: string }
  | { type: "broker"; state: BrokerState }
  | { type: "fleet"; services: ToldService[]; summary: ToldSummary }
  | { type: "change"; services: ToldService[]; gone: string[]; summary: ToldSummary }
  | { type: "history"; points: Record<string, HealthPoint[]> }
  /** `isAll`: those told before do not count any more. */
  | { type: "entries"; entries: ToldEntry[]; isAll: boolean }
  /** Every 5 s: the line lives, and who has sent a heartbeat when. */
  | { type: "beat"; time: number; beats: Record<string, ToldBeat> }
  /** Of the service that the page looks at. */
  | { type: "samples"; id: string; series: Record<string, Sample[]> }
  | { type: "log"; id: string; lines: ToldLine[]; isAll: boolean };

/** The first word of a page, then what it looks at. */
export type Asked = { type: "hello"; token?: string | undefined } | { type: "look"; id?: string | undefined };

/** The order that a page posts. */
export interface Order {
  verb: "start" | "stop" | "restart";
  id: string;
  reason?: string | undefined;
}

export interface About {
  prefix: string;
  readOnly: boolean;
  version: string;
  broker: string;
}

/** `never`: it has not been there since the dashboard began. */
export type BrokerState = "never" | "reading" | "live" | "away";

/** When, and how it was from then on. */
export type HealthPoint = [time: number, health: string];
export type Sample = [time: number, value: number];

/** The first line of the page: what `tcs status` says in its own. */
export interface ToldSummary {
  status: string;
  health: string;
  services: number;
  running: number;
  /** The worst of those in trouble, and how many there are. */
  worst: { serviceId: string; status: string }[];
  troubled: number;
}

export interface ToldService {
  serviceId: string;
  kind: "service" | "launcher";
  status: string;
  health: string;
  /** Who stopped it, or why it is not well; else its own last words. */
  words: string;
  parent?: string | undefined;
  host?: string | undefined;
  pid?: number | undefined;
  running: boolean;
  /** Belongs in the default view. */
  current: boolean;
  /** Its launcher's configuration names it. */
  declared: boolean;
  /** Run by hand. */
  ephemeral: boolean;
  heartbeatTime?: number | undefined;
  startTime?: number | undefined;
  restarts?: number | undefined;
  exitCode?: number | undefined;
  timetable?: { schedule: string; nextRun?: number | undefined } | undefined;
  parts: ToldPart[];
}

export interface ToldPart {
  name: string;
  status: string;
  health: string;
  message?: string | undefined;
  parts: ToldPart[];
}

export interface ToldBeat {
  at?: number | undefined;
  metrics?: Record<string, number> | undefined;
}

export interface ToldLine {
  time: number;
  level: string;
  text: string;
}

export interface ToldEntry {
  time: number;
  serviceId: string;
  severity: "info" | "warning" | "error";
  text: string;
}
