import picocolors from "picocolors";
import type { Phase } from "../../model/phase.ts";

type Paint = (text: string) => string;

/** Colours and marks, as far as the terminal has them. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly green: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  readonly marks: Marks;
}

interface Marks {
  readonly yes: string;
  readonly no: string;
  readonly arrow: string;
  readonly ellipsis: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly trunk: string;
}

const UNICODE: Marks = { yes: "✓", no: "✗", arrow: "→", ellipsis: "…", branch: "├─ ", lastBranch: "└─ ", trunk: "│  " };
const ASCII: Marks = { yes: "+", no: "-", arrow: "->", ellipsis: "...", branch: "|- ", lastBranch: "`- ", trunk: "|  " };

export function styleFor(options: { colour: boolean; unicode: boolean }): Style {
  const { bold, dim, green, red, yellow, cyan } = picocolors.createColors(options.colour);
  return { bold, dim, green, red, yellow, cyan, marks: options.unicode ? UNICODE : ASCII };
}

export function paintPhase(style: Style, phase: Phase): Paint {
  switch (phase) {
    case "running":
      return style.green;
    case "failed":
      return style.red;
    case "inactive":
    case "exited":
      return style.dim;
    default:
      return style.yellow;
  }
}
