// Files that are imported as themselves: templates as text, the archive of types as a path.
declare module "*.hbs" {
  const text: string;
  export default text;
}
declare module "*.zst" {
  const path: string;
  export default path;
}
