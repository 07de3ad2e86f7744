import { expect, test } from 'vitest';

import { layOutJson } from '../../../../renderer/src/lib/lay-out-json.ts';

test('lays out without touching numbers, order or strings', () => {
  expect(layOutJson('{"b":12345678901234567890.10,"a":[1,{"x":"a, b: {c}"}],"e":{},"f":[ ]}')).toBe(
    '{\n  "b": 12345678901234567890.10,\n  "a": [\n    1,\n    {\n      "x": "a, b: {c}"\n    }\n  ],\n  "e": {},\n  "f": []\n}',
  );
});

test.each(['', 'no json', '{"a":'])('leaves %j as it is', (text) => expect(layOutJson(text)).toBe(text));
test.each(['1', '"text"', 'null'])('leaves the scalar %s as it is', (text) => expect(layOutJson(text)).toBe(text));
