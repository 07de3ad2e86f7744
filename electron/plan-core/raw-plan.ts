/** What FORMAT JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** A node as a reader found it: the keys of FORMAT JSON, without `Plans`. Values are never changed after reading. */
export type RawNode = {
  /** Index of the parent in {@link RawPlan.nodes}; -1 for the root. */
  readonly parent: number;
  readonly depth: number;
  readonly properties: JsonObject;
  /** 1-based lines in {@link RawPlan.text}; 0 where the plan did not come as text. */
  line: number;
  endLine: number;
};

/** What all four readers produce. Nodes are in the order of FORMAT TEXT: InitPlans, children, SubPlans. */
export type RawPlan = {
  readonly format: 'text' | 'json' | 'yaml' | 'xml';
  /** Set by the text reader only. */
  text?: string;
  readonly nodes: RawNode[];
  /** Keys of the statement: `Planning Time`, `Triggers`, `JIT`, `Settings`, `Query Text`, … */
  readonly statement: JsonObject;
  /** Why the tree is known not to be whole. */
  incomplete?: string;
};

/** Is it an object of JSON, and not an array? */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a finite number, or undefined. */
export function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The value as a string, or undefined. */
export function stringOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Sets a key whatever its name: a plain assignment of `__proto__` would vanish. */
export function setKey(target: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
