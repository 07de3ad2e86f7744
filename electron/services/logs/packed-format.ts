/** Formats by how their files begin. */
const formats: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
];

/** The name of the format that a file is packed in, where Steward cannot unpack it. */
export function packedFormat(head: Uint8Array): string | null {
  return formats.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte))?.[0] ?? null;
}
