import type { Json } from './workbench-store.ts';

/** The fields of a remembered object; none where it is not one. */
export function fieldsOf(memory: Json): Readonly<Record<string, Json | undefined>> {
  return typeof memory === 'object' && memory !== null && !Array.isArray(memory) ? memory : {};
}

/** The one of `values` that was remembered. */
export function oneOf<Value extends string | number>(
  memory: Json | undefined,
  values: readonly Value[],
): Value | undefined {
  return values.find((value) => value === memory);
}
