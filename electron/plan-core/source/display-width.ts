/** Combining marks, joiners and variation selectors take no column. */
const NO_COLUMN = /^(?:\p{Mn}|\p{Me}|[\u{200B}-\u{200F}]|[\u{FE00}-\u{FE0F}])$/u;
/** East Asian wide and full-width characters, and emoji, take two. */
const TWO_COLUMNS =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\u4DBF\u4E00-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1FAFF}\u{20000}-\u{3FFFD}]$/u;
const ONLY_ASCII = /^[\x20-\x7E]*$/;

/** How many columns of a terminal a text takes, as psql counts when it pads. */
export function displayWidth(text: string): number {
  if (ONLY_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += NO_COLUMN.test(character) ? 0 : TWO_COLUMNS.test(character) ? 2 : 1;
  return width;
}
