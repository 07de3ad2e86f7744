import type { Finding, PlanContext } from './plan-context.ts';
import { formatCount, formatKilobytes, formatShare, numberIn } from './plan-context.ts';

/** 8 MB: less is no matter. */
const LEAST_IMAGES = 1000;
const LEAST_SHARE = 0.5;

/** WAL that consists mostly of whole pages, written because each was changed first after a checkpoint. */
export function findWalFullPageImages(context: PlanContext): Finding[] {
  const [root] = context.nodes;
  if (!root) return [];
  const images = numberIn(root, 'WAL FPI');
  const bytes = numberIn(root, 'WAL Bytes');
  // Images leave the hole of a page out, so their bytes are at most this.
  const share = bytes === 0 ? 0 : Math.min(1, (images * 8192) / bytes);
  if (images < LEAST_IMAGES || share < LEAST_SHARE) return [];
  return [
    {
      rule: 'wal-full-page-images',
      nodeId: root.id,
      severity: 'info',
      title: `${formatCount(images)} full page images make up to ${formatShare(share)} of the WAL`,
      message: `Of ${formatKilobytes(bytes / 1024)} of WAL, up to ${formatKilobytes(images * 8)} are images of whole pages: each page is logged as a whole at its first change after a checkpoint.`,
      verify:
        'Look how often checkpoints come (checkpoint_timeout, max_wal_size); the same statement right after itself writes far fewer images.',
      ignoreWhen: 'A checkpoint had just passed, or a large part of the table is changed anyway.',
    },
  ];
}
