// What work costs, however busy the machine is with other things.

/** Processor time that this process has used since `start`, milliseconds. */
export function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
