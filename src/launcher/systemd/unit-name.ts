// Names of units: of a service, and as their objects are called on D-Bus.
import { escapeInstance } from "../../systemd/units/text.ts";

/** The unit of a service id: `tcs@hello_world.main.service`. */
export function unitName(serviceId: string): string {
  return `tcs@${escapeInstance(serviceId)}.service`;
}

/** Path of a unit's object. */
export function unitPath(name: string): string {
  const escaped = [...new TextEncoder().encode(name)].map((byte, at) => {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z]/.test(char) || (/[0-9]/.test(char) && at > 0)) return char;
    return `_${byte.toString(16).padStart(2, "0")}`;
  });
  return `/org/freedesktop/systemd1/unit/${escaped.join("")}`;
}
