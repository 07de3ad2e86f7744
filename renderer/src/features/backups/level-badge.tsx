import type { Backup } from '#contract/backups.ts';

import { Badge } from '../../ui/badge.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';

import { levelWords } from './backup-words.ts';

/** How far a backup is proven. */
export function LevelBadge({ backup }: { readonly backup: Backup }) {
  const { word, meaning, icon, tone } = levelWords(backup);
  return (
    <Tooltip label={meaning}>
      <span>
        <Badge tone={tone} icon={icon}>
          {word}
        </Badge>
      </span>
    </Tooltip>
  );
}
