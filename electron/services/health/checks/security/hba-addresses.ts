/**
 * The addresses that have the bits of `base` where `mask` has ones, or what cannot be counted: the networks of the
 * server, a host name. A mask may have holes.
 */
export type AddressRange =
  | AddressBlock
  | { readonly family: 'samehost' | 'samenet' }
  | { readonly family: 'name'; readonly name: string };

/** The address of a rule, as the server prints it. */
interface WrittenAddress {
  readonly type: string | null;
  readonly address: string | null;
  readonly netmask: string | null;
}

interface AddressBlock {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly mask: bigint;
}

const everywhere: readonly AddressRange[] = [
  { family: 4, base: 0n, mask: 0n },
  { family: 6, base: 0n, mask: 0n },
];

/** The addresses of a rule. `all` is both families. */
export function rangesOf(row: WrittenAddress): readonly AddressRange[] {
  if (row.type === 'local') return [{ family: 'samehost' }];
  const address = row.address ?? '';
  if (address === 'all') return everywhere;
  if (address === 'samehost' || address === 'samenet') return [{ family: address }];
  const family = address.includes(':') ? 6 : /^\d+(?:\.\d+){3}$/.test(address) ? 4 : undefined;
  if (family === undefined) return [{ family: 'name', name: address.toLowerCase() }];
  const mask = row.netmask === null ? prefixMask(family, bitsOf[family]) : addressBits(row.netmask);
  return [{ family, base: addressBits(address), mask }];
}

const bitsOf = { 4: 32, 6: 128 } as const;

export function prefixMask(family: 4 | 6, prefix: number): bigint {
  const rest = BigInt(bitsOf[family] - prefix);
  return ((1n << BigInt(prefix)) - 1n) << rest;
}

/** How many bits of an address the mask looks at: its prefix, where it has no holes. */
export function fixedBits({ mask }: AddressBlock): number {
  return [...mask.toString(2)].filter((bit) => bit === '1').length;
}

/** An address as a number. The server has parsed it before: it is well formed. */
function addressBits(address: string): bigint {
  if (!address.includes(':')) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [withoutZone = ''] = address.split('%');
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(withoutZone);
  const text =
    dotted === null
      ? withoutZone
      : withoutZone.slice(0, dotted.index) +
        [dotted.slice(1, 3), dotted.slice(3, 5)]
          .map(([high, low]) => (Number(high) * 256 + Number(low)).toString(16))
          .join(':');
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].reduce((sum, part) => (sum << 16n) + BigInt(`0x${part || '0'}`), 0n);
}

function contains(outer: AddressRange, inner: AddressRange): boolean {
  if ('mask' in outer && 'mask' in inner) {
    return (
      outer.family === inner.family &&
      (outer.mask & inner.mask) === outer.mask &&
      (outer.base & outer.mask) === (inner.base & outer.mask)
    );
  }
  // A name that begins with a dot matches every name that ends so.
  if ('name' in outer && 'name' in inner)
    return outer.name === inner.name || (outer.name.startsWith('.') && inner.name.endsWith(outer.name));
  return outer.family === inner.family && !('mask' in outer);
}

/** Whether ranges hold every address of another one, if need be several of them together. */
export function isInside(range: AddressRange, ranges: readonly AddressRange[]): boolean {
  if (ranges.some((outer) => contains(outer, range))) return true;
  // What cannot be counted is inside everything.
  if (!('mask' in range)) return everywhere.every((whole) => isInside(whole, ranges));
  const blocks = ranges.filter((other) => 'mask' in other && contains(range, other));
  return blocks.length > 1 && halvesOf(range).every((half) => isInside(half, blocks));
}

/** The two halves of a block that has more than one address. */
function halvesOf(block: AddressBlock): readonly AddressBlock[] {
  const free = prefixMask(block.family, bitsOf[block.family]) & ~block.mask;
  const bit = 1n << BigInt(free.toString(2).length - 1);
  const mask = block.mask | bit;
  return [
    { family: block.family, base: block.base & ~bit, mask },
    { family: block.family, base: block.base | bit, mask },
  ];
}

/** Whether a range may hold another one although nobody can count them: never all addresses, and a name no network. */
export function mayHold(outer: AddressRange, inner: AddressRange): boolean {
  if (isLoopback(outer) || isLoopback(inner)) return false;
  if ('mask' in outer) return !('mask' in inner);
  if ('name' in outer && !outer.name.startsWith('.')) return addressCount(inner) === 1n;
  return 'mask' in inner ? inner.mask !== 0n : outer.family !== inner.family;
}

/** Addresses of the machine itself. */
export function isLoopback(range: AddressRange): boolean {
  if (range.family === 'samehost') return true;
  if (range.family === 'name') return range.name === 'localhost';
  if (!('mask' in range)) return false;
  return range.family === 4
    ? contains({ family: 4, base: 127n << 24n, mask: prefixMask(4, 8) }, range)
    : contains({ family: 6, base: 1n, mask: prefixMask(6, 128) }, range);
}

/** True for all addresses of a family. */
export function isWhole(range: AddressRange): boolean {
  return 'mask' in range && range.mask === 0n;
}

/** How many addresses a range has; undefined where that cannot be known. */
export function addressCount(range: AddressRange): bigint | undefined {
  return 'mask' in range ? 1n << BigInt(bitsOf[range.family] - fixedBits(range)) : undefined;
}
