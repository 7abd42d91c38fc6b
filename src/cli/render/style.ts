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
  const paint = (on: number, off: number): Paint => (options.colour ? painted(`\u001b[${on}m`, `\u001b[${off}m`) : (text) => text);
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    green: paint(32, 39),
    red: paint(31, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
    marks: options.unicode ? UNICODE : ASCII,
  };
}

/** What ends a style inside ends this one too, so that it begins anew there; bold and dim have one end for both. See ECMA-48, 8.3.117. */
function painted(on: string, off: string): Paint {
  return (text) => `${on}${text.replaceAll(off, off + on)}${off}`;
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
