import { Maximize, Minus, Plus } from 'lucide-react';

import { IconButton } from '../../../ui/icon-button.tsx';

import styles from './diagram.module.css';

export interface ZoomControlsProps {
  readonly zoom: number;
  readonly onIn: () => void;
  readonly onOut: () => void;
  readonly onFit: () => void;
  /** To 100 %. */
  readonly onWhole: () => void;
}

/** Zoom in the corner of a picture. */
export function ZoomControls({ zoom, onIn, onOut, onFit, onWhole }: ZoomControlsProps) {
  return (
    <div className={styles['zoom']} role="group" aria-label="Zoom">
      <IconButton icon={Minus} label="Zoom out" shortcut="-" onClick={onOut} />
      <IconButton icon={Plus} label="Zoom in" shortcut="+" onClick={onIn} />
      <IconButton icon={Maximize} label="Fit" shortcut="0" onClick={onFit} />
      <button
        type="button"
        className={styles['percent']}
        aria-label="Zoom to 100 %"
        title="Zoom to 100 %"
        onClick={onWhole}
      >
        {Math.round(zoom * 100)} %
      </button>
    </div>
  );
}
