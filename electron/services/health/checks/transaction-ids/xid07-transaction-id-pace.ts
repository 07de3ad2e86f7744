import { formatCount, formatDuration } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { counterMeasure } from '../cache/database-counters.ts';
import { stopAge } from './age-limits.ts';
import { databaseAgesSql, type DatabaseAgeRow } from './database-ages.ts';

const dayMs = 86_400_000;

type LimitName = 'warnDays' | 'criticalDays' | 'timesFreezeMaxAge' | 'minSeconds';

export const transactionIdPace: HealthCheck<DatabaseAgeRow, LimitName> = {
  id: 'XID07',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Days until transaction ids run out',
  why: 'How fast ids are used up says how long the server would live if vacuum stopped freezing. With weeks left there is time to notice; with days left a weekend is enough.',
  requires: { role: 'primary' },
  thresholds: {
    // Nobody publishes numbers: two weeks are a holiday, three days a long weekend.
    warnDays: { usual: 14, unit: 'days', label: 'Days left that are reported' },
    criticalDays: { usual: 3, unit: 'days', label: 'Days left that are critical where vacuum is behind' },
    timesFreezeMaxAge: {
      usual: 2,
      unit: 'ratio',
      label: 'Age, in times of autovacuum_freeze_max_age, from which vacuum is behind',
    },
    minSeconds: { usual: 3600, unit: 'seconds', label: 'Shortest time to take a pace from' },
  },
  sql: () => databaseAgesSql,
  findings([oldest], { earlier, limits, now }) {
    if (oldest === undefined || oldest.next_xid === null) return [];
    const before = earlier?.values.get('xid.next');
    const windowMs = earlier === undefined ? 0 : now.getTime() - earlier.takenAt.getTime();
    const used = before === undefined ? -1 : Number(oldest.next_xid) - before;
    // A cluster that was restored from an older backup has gone back.
    if (used < 0 || windowMs < limits.minSeconds * 1000) {
      return cannotTell(
        `The pace is known from two reports that are at least ${formatDuration(limits.minSeconds * 1000)} apart.`,
      );
    }
    const perDay = (used * dayMs) / windowMs;
    const left = Math.max(0, stopAge - oldest.age_xids);
    const days = perDay === 0 ? Number.POSITIVE_INFINITY : left / perDay;
    if (days >= limits.warnDays) return [];
    const isBehind = oldest.age_xids >= limits.timesFreezeMaxAge * oldest.freeze_max_age;
    return [
      {
        object: `database ${oldest.database_name}`,
        severity: !isBehind ? 'info' : days < limits.criticalDays ? 'critical' : 'warning',
        message: isBehind
          ? `At ${formatCount(perDay)} transactions a day, writes stop in ${formatDuration(days * dayMs)} unless ${oldest.database_name} is frozen.`
          : `The server uses ${formatCount(perDay)} transaction ids a day: if vacuum stopped freezing, writes would stop after ${formatDuration(days * dayMs)}.`,
        measure: -days,
        evidence: [
          { label: 'Used since the last report', value: formatCount(used) },
          { label: 'In', value: formatDuration(windowMs) },
          { label: `Age of ${oldest.database_name}`, value: formatCount(oldest.age_xids) },
          { label: 'Writes stop at', value: formatCount(stopAge) },
        ],
        caution: isBehind
          ? 'See XID02 for the tables and XID05 for what holds vacuum back.'
          : 'Savepoints and exception blocks that write use an id each; fewer of them slow the pace.',
        confidence: 'medium',
        confidenceReason: 'The pace of one window, carried on.',
      },
    ];
  },
  measures([oldest]) {
    return oldest === undefined || oldest.next_xid === null
      ? []
      : [{ ...counterMeasure('xid.next', 'Transaction ids used so far', oldest.next_xid), unit: 'xids' }];
  },
};
