// Subscriptions by prefix: a radix tree of bytes. Matching costs no more than the length of the topic.

interface Entry<T> {
  value: T;
  /** How often it was added. */
  count: number;
}

interface Node<T> {
  /** The bytes from the parent to here. */
  label: Buffer;
  entries: Entry<T>[];
  children: Map<number, Node<T>>;
}

export class PrefixTree<T> {
  readonly #root: Node<T> = nodeOf(Buffer.alloc(0));

  /** Adds a value at a prefix. @returns whether it was not there before */
  add(prefix: Uint8Array, value: T): boolean {
    const node = this.#make(Buffer.from(prefix));
    const entry = node.entries.find((known) => known.value === value);
    if (entry) entry.count += 1;
    else node.entries.push({ value, count: 1 });
    return entry === undefined;
  }

  /** Takes a value back once. @returns whether it is not there any more; undefined if it was not there */
  remove(prefix: Uint8Array, value: T): boolean | undefined {
    const path = this.#path(prefix);
    const node = path?.at(-1);
    const entry = node?.entries.find((known) => known.value === value);
    if (!path || !node || !entry) return undefined;
    entry.count -= 1;
    if (entry.count > 0) return false;
    node.entries.splice(node.entries.indexOf(entry), 1);
    for (let i = path.length - 1; i > 0; i--) tidy(path[i - 1], path[i]);
    return true;
  }

  /** Takes a value back everywhere. */
  removeAll(value: T): void {
    const clear = (node: Node<T>) => {
      node.entries = node.entries.filter((entry) => entry.value !== value);
      for (const child of [...node.children.values()]) {
        clear(child);
        tidy(node, child);
      }
    };
    clear(this.#root);
  }

  /** Tells each value whose prefix `bytes`, from `start` to `end`, begins with; one with several prefixes several times. */
  match(bytes: Uint8Array, start: number, end: number, visit: (value: T) => void): void {
    let node: Node<T> | undefined = this.#root;
    for (let at = start; node; at += node.label.length) {
      for (const { value } of node.entries) visit(value);
      node = at < end ? node.children.get(bytes[at] ?? 0) : undefined;
      if (!node || !leads(node.label, bytes, at, end)) return;
    }
  }

  /** Whether anything matches. */
  has(bytes: Uint8Array): boolean {
    let node: Node<T> | undefined = this.#root;
    for (let at = 0; node; at += node.label.length) {
      if (node.entries.length > 0) return true;
      node = at < bytes.length ? node.children.get(bytes[at] ?? 0) : undefined;
      if (!node || !leads(node.label, bytes, at, bytes.length)) return false;
    }
    return false;
  }

  /** Every prefix that has a value, once. */
  *prefixes(node: Node<T> = this.#root, before: Buffer = Buffer.alloc(0)): Generator<Buffer> {
    const prefix = Buffer.concat([before, node.label]);
    if (node.entries.length > 0) yield prefix;
    for (const child of node.children.values()) yield* this.prefixes(child, prefix);
  }

  /** The node of a prefix, made where it is missing. */
  #make(prefix: Buffer): Node<T> {
    let node = this.#root;
    let at = 0;
    while (at < prefix.length) {
      const first = prefix[at] ?? 0;
      const child = node.children.get(first);
      if (!child) {
        const leaf = nodeOf<T>(prefix.subarray(at));
        node.children.set(first, leaf);
        return leaf;
      }
      const common = commonLength(child.label, prefix, at);
      node = common < child.label.length ? split(node, child, common) : child;
      at += common;
    }
    return node;
  }

  /** The nodes from the root to that of a prefix. */
  #path(prefix: Uint8Array): Node<T>[] | undefined {
    const path = [this.#root];
    for (let at = 0, node = this.#root; at < prefix.length; at += node.label.length) {
      const child = node.children.get(prefix[at] ?? 0);
      if (!child || !leads(child.label, prefix, at, prefix.length)) return undefined;
      path.push(child);
      node = child;
    }
    return path;
  }
}

function nodeOf<T>(label: Buffer): Node<T> {
  return { label, entries: [], children: new Map() };
}

/** Whether `bytes` goes on with `label` at `at`. */
function leads(label: Buffer, bytes: Uint8Array, at: number, end: number): boolean {
  if (at + label.length > end) return false;
  for (let i = 1; i < label.length; i++) if (label[i] !== bytes[at + i]) return false;
  return true;
}

function commonLength(label: Buffer, bytes: Uint8Array, at: number): number {
  let length = 0;
  while (length < label.length && at + length < bytes.length && label[length] === bytes[at + length]) length += 1;
  return length;
}

/** Puts a node between a parent and its child. */
function split<T>(parent: Node<T>, child: Node<T>, at: number): Node<T> {
  const middle = nodeOf<T>(child.label.subarray(0, at));
  parent.children.set(middle.label[0] ?? 0, middle);
  child.label = child.label.subarray(at);
  middle.children.set(child.label[0] ?? 0, child);
  return middle;
}

/** Takes out a node that has become empty, or joins it with its only child. */
function tidy<T>(parent: Node<T> | undefined, node: Node<T> | undefined): void {
  if (!parent || !node || node.entries.length > 0) return;
  const first = node.label[0] ?? 0;
  if (node.children.size === 0) parent.children.delete(first);
  else if (node.children.size === 1) {
    for (const child of node.children.values()) {
      child.label = Buffer.concat([node.label, child.label]);
      parent.children.set(first, child);
    }
  }
}
