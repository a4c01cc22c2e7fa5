// What the manual page tells beside the commands. docs/cli.md has the same at length; a test compares their names.

export const DESCRIPTION = [
  "tcs runs the services of a telescope: one file that is copied to a host, and one file that is written for each service. The same service runs by hand, in a thread or a process of its own, and the whole fleet is seen and controlled by way of a NATS broker, which tcs brings along.",
  "Output for programs goes to standard output, everything else to standard error.",
] as const;

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  TCS_STATE_DIR: "The state folder; else $XDG_STATE_HOME/tcs, else ~/.local/state/tcs.",
  TCS_NATS_URL: "Address of the broker; NATS_URL is the same.",
  TCS_NATS_SERVER: "Path of the nats-server to start, instead of the one inside.",
  TCS_DASHBOARD_TOKEN: "What the dashboard asks for, 16 characters or more.",
  TCS_DEBUG: "As --verbose on every command.",
  NO_COLOR: "No colours.",
  FORCE_COLOR: "Colours also where there is no terminal.",
};

export const FILES: Readonly<Record<string, string>> = {
  "services.yaml": "The configuration, where no other is named.",
  ".env": "Environment variables, read beside the configuration; the environment is stronger.",
  "~/.local/state/tcs": "The state folder: logs, locks, operators' stops, the broker's data.",
  "PREFIX/lib/tcs": "Installed versions, side by side.",
  "PREFIX/bin/tcs": "A link to the one that is current.",
};

export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: "All went well.",
  1: "It did not.",
  2: "The command line is wrong.",
  3: "What was named does not exist.",
  4: "The broker cannot be reached.",
  5: "The configuration is not valid.",
  6: "Done, but something is unhealthy.",
  129: "Ended with its terminal (SIGHUP).",
  130: "Ended by Ctrl-C.",
  143: "Ended by SIGTERM.",
};
