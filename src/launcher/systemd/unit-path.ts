// How units are called on D-Bus. Pure.

/** Path of a unit's object. */
export function unitPath(name: string): string {
  const escaped = [...new TextEncoder().encode(name)].map((byte, at) => {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z]/.test(char) || (/[0-9]/.test(char) && at > 0)) return char;
    return `_${byte.toString(16).padStart(2, "0")}`;
  });
  return `/org/freedesktop/systemd1/unit/${escaped.join("")}`;
}
