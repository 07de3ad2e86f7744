import { Tooltip } from '../ui/tooltip.tsx';

import { sections } from './sections.ts';
import type { Section } from './sections.ts';
import { showSection, showSectionHome, useWorkbench } from './workbench-store.ts';
import styles from './workbench.module.css';

/** The sections of the app, on the left edge. */
export function RailView() {
  const activeSectionId = useWorkbench((state) => state.activeSectionId);
  return (
    <nav className={styles['rail']} aria-label="Sections">
      <span className={styles['mark']} aria-hidden>
        S
      </span>
      {sections.map((section) =>
        section.placement === 'top' ? (
          <RailButton key={section.id} section={section} active={section.id === activeSectionId} />
        ) : null,
      )}
      <span className={styles['railSpace']} />
      {sections.map((section) =>
        section.placement === 'bottom' ? (
          <RailButton key={section.id} section={section} active={section.id === activeSectionId} />
        ) : null,
      )}
    </nav>
  );
}

function RailButton({ section, active }: { readonly section: Section; readonly active: boolean }) {
  const Icon = section.icon;
  return (
    <Tooltip
      label={section.label}
      {...(section.shortcut === undefined ? {} : { shortcut: section.shortcut })}
      side="right"
    >
      <button
        type="button"
        className={styles['railButton']}
        aria-label={section.label}
        aria-current={active ? 'page' : undefined}
        onClick={() =>
          active && section.homeTitle !== undefined ? showSectionHome(section.id) : showSection(section.id)
        }
      >
        <Icon size={18} aria-hidden />
      </button>
    </Tooltip>
  );
}
