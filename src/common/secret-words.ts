// What looks like a secret by its name, and addresses that hold one.

const SECRET_NAME =
  /TOKEN|PASSW|SECRET|PASSPHRASE|CREDENTIAL|PRIVATE|(?:API|ACCESS|AUTH|SIGNING|ENCRYPTION)_?KEY|(?:^|[_-])(?:PASS|PWD|KEY|KEYS|AUTH|PIN)(?:[_-]|$)/;
/** Names of places, not of secrets. The shell's PWD is a folder. */
const PLACE_NAME = /(?:^(?:(?:OLD)?PWD|NATS_KEY)$)|(?:_|-)(?:FILE|PATH|DIR|SOCK|NAME|USER|TTL|SEC|SECONDS)$/;
const IN_URL = /(:\/\/[^\s/@:]*:)[^\s/@]+@/g;

/** Stands where a secret would be. */
export const MASK = "***";

/** Whether a variable or field of this name (`apiToken`, `DB_PASSWORD`) holds a secret. */
export function looksSecret(name: string): boolean {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  return SECRET_NAME.test(words) && !PLACE_NAME.test(words);
}

/** `text` without the passwords in its addresses. */
export function withoutPasswords(text: string): string {
  return text.includes("://") ? text.replaceAll(IN_URL, `$1${MASK}@`) : text;
}
