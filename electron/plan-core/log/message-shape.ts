/** As PostgreSQL's translations write them: »German«, « French », „Polish”, “Chinese”, 「Japanese」. */
const translatedQuotes = /»[^»«]*«|«[^»«]*»|„[^„“”]*[“”]|“[^“”]*”|「[^「」]*」/g;

/**
 * A message without what differs from one time to the next: quoted names and values, numbers, addresses. What is alike
 * after that is the same problem.
 */
export function messageShape(message: string): string {
  const line = message.length > 2000 ? message.slice(0, 2000) : message;
  return line
    .replace(/\n[\s\S]*/, '')
    .replaceAll(/"(?:[^"]|"")*"/g, '"…"')
    .replaceAll(/'(?:[^']|'')*'/g, "'…'")
    .replaceAll(translatedQuotes, (found) => `${found.charAt(0)}…${found.charAt(found.length - 1)}`)
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '…')
    .replaceAll(/\b\d[\d.:/]*\b/g, '…')
    .slice(0, 400);
}
