import type { HealthCheckResult, HealthFinding, HealthGroup, Severity } from '#contract/health-model.ts';
import type { HealthForecast } from '#contract/health.ts';
import { formatCount } from '../format-values.ts';
import { escapeMarkup as escape } from './escape-markup.ts';
import { groupNames } from './group-names.ts';
import { openCountsOf } from './open-counts.ts';
import {
  changeWord,
  countsLine,
  evidenceOf,
  forecastLine,
  openFindings,
  partialChecks,
  type PlacedFinding,
  type PrintedReport,
  scoreLine,
  severities,
  severityWords,
  silentChecks,
  suppressedFindings,
} from './printed-report.ts';

const marks: Readonly<Record<Severity, string>> = { critical: '●', warning: '▲', info: '■' };

/**
 * A report as one HTML file without scripts or anything from elsewhere: it opens from a mail, follows the reader's
 * dark or light system, and prints in black on white with findings kept together. Pure.
 */
export function reportHtml(printed: PrintedReport): string {
  const { report, subject, forecasts } = printed;
  const silent = silentChecks(report);
  const suppressed = suppressedFindings(report);
  const passed = report.checks.filter(({ status }) => status === 'ok');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Health of ${escape(subject)}, ${escape(report.startedAt.slice(0, 10))}</title>
<style>${style}</style>
</head>
<body>
<header>
<div>
<h1>Health of ${escape(subject)}</h1>
<p class="dim">Database ${escape(report.database)} · PostgreSQL ${escape(report.server.version)}${report.server.inRecovery ? ' (standby)' : ''} · as ${escape(report.user)} · <time datetime="${escape(report.startedAt)}">${escape(report.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</time></p>
<p>${escape(scoreLine(report))}</p>
<p>${escape(countsLine(report))}</p>
</div>
${report.score === undefined ? '' : `<div class="score ${scoreTone(report.score)}"><b>${report.score}</b><span>of 100</span></div>`}
</header>
${groupTable(report.checks)}
${findingSections(printed)}
${forecasts.length === 0 ? '' : forecastTable(forecasts)}
${comparisonSections(printed)}
${checksSection('Told in part', partialChecks(report))}
${checksSection('Cannot tell', silent)}
${suppressed.length === 0 ? '' : `<section><h2>Suppressed <span class="count">${suppressed.length}</span></h2><ul class="plain">${suppressed.map(suppressedLine).join('')}</ul></section>`}
${passed.length === 0 ? '' : `<section><h2>Passed <span class="count">${passed.length}</span></h2><p class="dim passed">${passed.map((check) => `<span>${escape(check.title)} <code>${escape(check.id)}</code></span>`).join(', ')}</p></section>`}
<footer class="dim">${report.checks.length} checks in ${(report.durationMs / 1000).toFixed(1)} s. The checks read only.</footer>
</body>
</html>
`;
}

function groupTable(checks: readonly HealthCheckResult[]): string {
  const groups = (Object.keys(groupNames) as HealthGroup[]).filter((group) =>
    checks.some((check) => check.group === group),
  );
  const counts = new Map(
    groups.map((group) => [group, openCountsOf(checks.filter((check) => check.group === group))] as const),
  );
  const count = (group: HealthGroup, severity: Severity) => counts.get(group)?.[severity] ?? 0;
  const silentOf = (group: HealthGroup) =>
    checks.filter((check) => check.group === group && (check.status === 'skipped' || check.status === 'error')).length;
  const cell = (value: number, tone: string) =>
    `<td class="number ${value === 0 ? 'zero' : tone}">${formatCount(value)}</td>`;
  return `<table class="groups">
<thead><tr><th>Group</th><th class="number">Checks</th>${severities.map((severity) => `<th class="number">${severityWords[severity]}</th>`).join('')}<th class="number">Cannot tell</th></tr></thead>
<tbody>${groups
    .map(
      (group) =>
        `<tr><td>${groupNames[group]}</td><td class="number">${checks.filter((check) => check.group === group).length}</td>${severities.map((severity) => cell(count(group, severity), severity)).join('')}${cell(silentOf(group), 'dim')}</tr>`,
    )
    .join('')}</tbody>
</table>`;
}

function findingSections(printed: PrintedReport): string {
  const open = openFindings(printed.report);
  const counts = openCountsOf(printed.report.checks);
  const sections = severities.map((severity) => {
    if (counts[severity] === 0) return '';
    const listed = open.filter(({ finding }) => finding.severity === severity);
    const unlisted = counts[severity] - listed.length;
    return `<section><h2 class="${severity}">${severityWords[severity]} <span class="count">${formatCount(counts[severity])}${unlisted === 0 ? '' : `, ${formatCount(unlisted)} of them not listed`}</span></h2>${listed.map((placed) => findingCard(placed, changeWord(printed, placed.finding))).join('')}</section>`;
  });
  return sections.join('') || '<p class="none">Nothing was found.</p>';
}

function findingCard({ check, finding }: PlacedFinding, change: string | undefined): string {
  return `<article>
<h3><span class="${finding.severity}" aria-label="${severityWords[finding.severity]}">${marks[finding.severity]}</span> ${escape(finding.message)}${change === undefined ? '' : ` <span class="count">${change}</span>`}</h3>
<p class="dim">${escape(check.title)} <code>${escape(check.id)}</code> · ${groupNames[check.group]}</p>
${evidenceTable(finding)}
<p>${escape(check.why)}</p>
${finding.fixSql === undefined ? '' : `<h4>Fix</h4><pre>${escape(finding.fixSql)}</pre>`}
${facts(finding)}
${finding.undoSql === undefined ? '' : `<h4>Undo</h4><pre>${escape(finding.undoSql)}</pre>`}
</article>`;
}

function evidenceTable(finding: HealthFinding): string {
  const rows = [
    ...evidenceOf(finding),
    ...(finding.confidence === undefined ? [] : [{ label: 'Confidence', value: confidenceWords(finding) }]),
    ...(finding.blastRadius === undefined ? [] : [{ label: 'Reaches', value: finding.blastRadius }]),
    ...(finding.related === undefined
      ? []
      : [{ label: 'Related', value: finding.related.map(({ name }) => name).join(', ') }]),
  ];
  if (rows.length === 0) return '';
  return `<table class="evidence"><tbody>${rows
    .map(({ label, value }) => `<tr><th>${escape(label)}</th><td>${escape(value)}</td></tr>`)
    .join('')}</tbody></table>`;
}

function confidenceWords({ confidence, confidenceReason }: HealthFinding): string {
  return confidenceReason === undefined ? `${confidence}` : `${confidence}: ${confidenceReason}`;
}

function facts({ lock, caution }: HealthFinding): string {
  return [
    lock === undefined ? '' : `<p class="fact"><b>Lock</b> ${escape(lock)}</p>`,
    caution === undefined ? '' : `<p class="fact"><b>Caution</b> ${escape(caution)}</p>`,
  ].join('');
}

function forecastTable(forecasts: readonly HealthForecast[]): string {
  return `<section><h2>Forecast</h2><table class="evidence"><tbody>${forecasts
    .map(
      (forecast) =>
        `<tr><th>${escape(forecast.label)}</th><td>${sparkline(forecast.points)} ${escape(forecastLine(forecast))}</td></tr>`,
    )
    .join('')}</tbody></table></section>`;
}

/** A line of 80 by 16 through the points, from the lowest to the highest. */
function sparkline(points: readonly { readonly at: string; readonly value: number }[]): string {
  const times = points.map(({ at }) => Date.parse(at));
  const values = points.map(({ value }) => value);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const path = points
    .map((_, place) => {
      const x = to === from ? 40 : (((times[place] ?? from) - from) / (to - from)) * 78 + 1;
      const y = high === low ? 8 : 15 - (((values[place] ?? low) - low) / (high - low)) * 14;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
  return `<svg width="80" height="16" viewBox="0 0 80 16" aria-hidden="true"><polyline points="${path}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>`;
}

function comparisonSections({ against }: PrintedReport): string {
  if (against === undefined) return '';
  const section = (heading: string, lines: readonly string[]) =>
    lines.length === 0
      ? ''
      : `<section><h2>${heading} <span class="count">${lines.length}</span></h2><ul class="plain">${lines.map((line) => `<li>${line}</li>`).join('')}</ul></section>`;
  const gone = against.gone.map(({ check, finding }) => `<code>${escape(check)}</code> ${escape(finding.message)}`);
  const unsure = against.unsure.map(
    ({ check, title, reason }) =>
      `<code>${escape(check)}</code> ${escape(title)} <span class="dim">${escape(reason)}</span>`,
  );
  return section('Gone since the baseline', gone) + section('Not compared with the baseline', unsure);
}

function checksSection(heading: string, checks: readonly HealthCheckResult[]): string {
  return checks.length === 0
    ? ''
    : `<section><h2>${heading} <span class="count">${checks.length}</span></h2>${checks.map(gapCard).join('')}</section>`;
}

function gapCard(check: HealthCheckResult): string {
  return `<article class="slim"><h3>${escape(check.title)} <code>${escape(check.id)}</code>${check.status === 'error' ? ' <span class="critical">failed</span>' : ''}</h3><p>${escape(check.reason ?? '')}</p>${check.unlockSql === undefined ? '' : `<pre>${escape(check.unlockSql)}</pre>`}</article>`;
}

function suppressedLine({ check, finding }: PlacedFinding): string {
  const until = finding.suppressed?.until;
  return `<li><code>${escape(check.id)}</code> ${escape(finding.message)} <span class="dim">${escape(finding.suppressed?.reason ?? '')}${until === null || until === undefined ? '' : `, until ${escape(until.slice(0, 10))}`}</span></li>`;
}

function scoreTone(score: number): string {
  if (score >= 90) return 'good';
  return score >= 60 ? 'warning' : 'critical';
}

/** The colours are those of the app, in its light and dark themes. */
const style = `
:root{color-scheme:light dark;--bg:#fff;--strong:#191d24;--text:#535d6d;--dim:#606a79;--line:#e2e5ea;--well:#f4f5f7;--critical:#c92a2f;--warning:#9a6200;--info:#1a66c9;--good:#18794e}
@media(prefers-color-scheme:dark){:root{--bg:#0e1014;--strong:#e6e9ef;--text:#a6afbd;--dim:#8a94a3;--line:#252a33;--well:#171a20;--critical:#ff6b6b;--warning:#f0b44c;--info:#62adff;--good:#4cc38a}}
@media print{:root{color-scheme:light;--bg:#fff;--strong:#000;--text:#222;--dim:#555;--line:#ccc;--well:#f6f6f6;--critical:#b00020;--warning:#7a4d00;--info:#0b4a9e;--good:#0d5c39}body{max-width:none;padding:0;font-size:10pt}article{break-inside:avoid}h2,h3{break-after:avoid}@page{margin:16mm}}
*{box-sizing:border-box}
body{margin:0 auto;padding:32px 24px;max-width:960px;background:var(--bg);color:var(--text);font:14px/1.5 Inter,system-ui,-apple-system,"Segoe UI",sans-serif}
header{display:flex;justify-content:space-between;gap:24px;align-items:flex-start;margin-bottom:24px}
h1,h2,h3,h4{color:var(--strong);margin:0;font-weight:600}
h1{font-size:22px;line-height:1.3}h2{font-size:16px;margin:32px 0 12px}h3{font-size:14px}h4{font-size:12px;margin:12px 0 4px;color:var(--dim)}
p{margin:4px 0}.dim{color:var(--dim)}.none{padding:24px;text-align:center;border:1px solid var(--line);border-radius:8px}
code,pre{font:12.5px/1.5 "JetBrains Mono",ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{background:var(--well);border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin:4px 0;white-space:pre-wrap;color:var(--strong)}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:4px 8px;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400;overflow-wrap:anywhere}
thead th{color:var(--dim);font-size:12px}.number{text-align:right;font-variant-numeric:tabular-nums}.zero{color:var(--dim);opacity:.6}
.evidence th{color:var(--dim);width:34%}.evidence td{color:var(--strong);font-variant-numeric:tabular-nums}
article{border:1px solid var(--line);border-radius:8px;padding:12px 16px;margin:8px 0}article .evidence{margin:8px 0}
.slim{padding:8px 16px}.count{color:var(--dim);font-weight:400;margin-left:4px}
.critical{color:var(--critical)}.warning{color:var(--warning)}.info{color:var(--info)}.good{color:var(--good)}
.score{text-align:center;border:1px solid var(--line);border-radius:8px;padding:8px 20px;flex:none}.score b{display:block;font-size:32px;line-height:1.1;font-variant-numeric:tabular-nums}.score span{font-size:12px;color:var(--dim)}
.fact b{color:var(--dim);font-weight:600;margin-right:6px}.plain{padding:0;list-style:none}.plain li{padding:4px 0;border-bottom:1px solid var(--line)}.passed span{white-space:nowrap}svg{vertical-align:-3px;color:var(--info)}
footer{margin-top:32px;font-size:12px}
`;
