/**
 * Tarjan's strongly connected components: groups of nodes that all reach each other, single nodes included.
 * Linear in nodes and edges, and without recursion, so that a long chain cannot exhaust the stack.
 * https://doi.org/10.1137/0201010
 */
export function stronglyConnected(targets: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const components: string[][] = [];

  function enter(node: string): { readonly node: string; readonly next: Iterator<string> } {
    order.set(node, order.size);
    lowest.set(node, order.size - 1);
    stack.push(node);
    onStack.add(node);
    return { node, next: (targets.get(node) ?? []).values() };
  }
  function lower(node: string, to: number): void {
    lowest.set(node, Math.min(lowest.get(node) ?? to, to));
  }

  for (const root of targets.keys()) {
    if (order.has(root)) continue;
    const path = [enter(root)];
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const { node, next } = frame;
      const { value: target, done } = next.next();
      if (done !== true) {
        const seenAt = order.get(target);
        if (seenAt === undefined) path.push(enter(target));
        else if (onStack.has(target)) lower(node, seenAt);
        continue;
      }
      path.pop();
      const caller = path.at(-1);
      if (caller !== undefined) lower(caller.node, lowest.get(node) ?? 0);
      if (lowest.get(node) === order.get(node)) {
        const component = stack.splice(stack.lastIndexOf(node));
        for (const member of component) onStack.delete(member);
        components.push(component);
      }
    }
  }
  return components;
}
