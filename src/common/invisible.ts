// Characters that act on a terminal or on its reader without being seen.

/**
 * Control characters but tab and line feed; what reorders text (bidirectional controls), hides in it, or breaks lines. Not
 * the joiners, which scripts and emoji need. For `replace`, not for `test`: it is global.
 */
export const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
