// What there is to know of a kind of service that can be made.

export interface ServiceKind {
  /** The class it extends. */
  base: string;
  /** What it is for, one line. */
  description: string;
  /** Handlebars text of the service file. */
  template: string;
  /** The number field of its configuration; the value is the default. */
  field: { name: string; value: number; integer: boolean; description: string };
  /** Of the common test: the value of the field that makes it quick, and whether the service then ends of itself. */
  trial?: { value: number; ends: boolean };
  /** Handlebars text of its test, if it has one of its own. */
  test?: string;
  /** What its row has besides. */
  row?: Record<string, string>;
  /** Default of its `message` field. */
  message: string;
}
