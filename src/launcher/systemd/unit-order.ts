// What a unit runs, as its launcher wrote it down for it: all that the process needs, so that it starts without anybody.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describeError, TcsError } from "../../common/errors.ts";
import type { FleetConfig, ServiceRow } from "../../config/types.ts";
import { bootId } from "../ownership/place.ts";

export interface UnitOrder {
  /** Of this form; another version of tcs may have written it. */
  version: 1;
  row: Omit<ServiceRow, "timetable">;
  /** Without its services. */
  fleet: Omit<FleetConfig, "services">;
  /** Monitor name of the launcher. */
  parent: string;
  runnerId: string;
  /** Where its log is kept: beside those of the launcher's other services. */
  logFolder: string;
}

/** The hidden command by which a unit runs its service. */
export const UNIT_COMMAND = "__unit";

/**
 * What a unit of systemd is to run cannot be read.
 * @cause What a unit is to run cannot be read: its file was removed or is of another version of tcs.
 * @remedy Start the launcher (tcs run): it writes the file again.
 * @example /home/ann/.local/state/tcs/units/dome.main.json: version 2, expected 1
 */
export class UnitOrderError extends TcsError {
  override readonly code = "E_UNIT_ORDER";
}

/** @throws UnitOrderError when it is not there, or not one */
export function readUnitOrder(path: string): UnitOrder {
  try {
    // What this very program wrote, to a folder that only its user can write to.
    const order = JSON.parse(readFileSync(path, "utf8")) as UnitOrder;
    if (order.version === 1) return order;
    throw new Error(`version ${String(order.version)}, expected 1`);
  } catch (cause) {
    throw new UnitOrderError(`${path}: ${describeError(cause)}`, {
      cause,
      hint: "start the launcher (tcs run): it writes the file again",
    });
  }
}

/** Leaves word that it was told to end, for a launcher that is not there to see it. */
export function noteStop(orderFile: string): void {
  try {
    writeFileSync(noteOf(orderFile), JSON.stringify({ boot: bootId(), at: Date.now() }), { mode: 0o600 });
  } catch {
    // Then the next launcher starts it again, as if it had never run.
  }
}

/** The launcher is about to end it: should it not live to see that end, it is nobody's stop. */
export function orderStop(orderFile: string): void {
  try {
    writeFileSync(orderedOf(orderFile), "", { mode: 0o600 });
  } catch {
    // Then a launcher that is killed in this moment leaves it stopped.
  }
}

/** It runs: whatever was noted before is over. */
export function forgetStop(orderFile: string): void {
  for (const path of [noteOf(orderFile), orderedOf(orderFile)]) rmSync(path, { force: true });
}

/** When somebody else told the service to end, since this boot and since its last start, milliseconds since the epoch. */
export function notedStop(orderFile: string): number | undefined {
  if (existsSync(orderedOf(orderFile))) return undefined;
  try {
    // As `noteStop` has written it; of whatever else may stand there the boot is another.
    const note = JSON.parse(readFileSync(noteOf(orderFile), "utf8")) as { boot?: unknown; at?: unknown };
    return note.boot === bootId() && typeof note.at === "number" ? note.at : undefined;
  } catch {
    // Nobody has told it to.
    return undefined;
  }
}

function noteOf(orderFile: string): string {
  return `${orderFile}.stopped`;
}

function orderedOf(orderFile: string): string {
  return `${orderFile}.ordered`;
}
