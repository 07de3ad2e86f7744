import { expect, it } from 'vitest';

import { formatTable, visible } from '../../../../electron/hosts/cli/output.ts';

it('data cannot steer a terminal, with 7 or 8 bits, nor turn the direction of writing', () => {
  expect(visible('a\u001b[2J\u0007\u007f')).toBe('a␛[2J␇␡');
  expect(visible('\u009b2J\u0085\u202eb\u202c\u2066c\u2069')).toBe('\ufffd2J\ufffd\ufffdb\ufffd\ufffdc\ufffd');
  expect(visible('Grüße, 世界 – 😀')).toBe('Grüße, 世界 – 😀');
  expect(formatTable(['a'], [['\u009b31m']])).not.toContain('\u009b');
});
