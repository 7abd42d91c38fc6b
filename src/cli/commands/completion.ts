import { Argument, type Command } from "commander";
import { assertNever } from "../../lib/assert-never.ts";
import { completions } from "../complete.ts";
import { type Context, printLines } from "../context.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

export function addCompletion(program: Command, context: Context): void {
  program
    .command("completion")
    .description("print a script for your shell that completes verbs, options and names")
    .addArgument(new Argument("<shell>", "for instance: source <(rind completion bash)").choices(SHELLS))
    .action((shell: Shell) => context.terminal.out(script(shell)));
}

/** What the scripts call: the words of the line up to the cursor, the last one being completed. Prints candidates; nothing where there is no daemon. */
export function addComplete(program: Command, context: Context): void {
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .action(async (words: string[]) => printLines(context, await completions(program, words, context)));
}

function script(shell: Shell): string {
  switch (shell) {
    case "bash":
      return BASH;
    case "zsh":
      return ZSH;
    case "fish":
      return FISH;
    default:
      return assertNever(shell);
  }
}

// Readline splits words at @ = : and replaces only the part behind the last of them; so the line is split anew, and candidates are cut alike.
const BASH = `_rind() {
  local line=\${COMP_LINE:0:COMP_POINT} words cur breaks head found
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  cur=\${words[-1]}
  breaks=\${COMP_WORDBREAKS//[^@=:]/}
  head=
  [[ -n $breaks ]] && head=\${cur%"\${cur##*[$breaks]}"}
  COMPREPLY=()
  while IFS= read -r found; do
    COMPREPLY+=("\${found#"$head"}")
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _rind rind
`;

const ZSH = `#compdef rind
_rind() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[*]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _rind rind
`;

const FISH = `function __rind_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] complete -- $words[2..-1] 2>/dev/null
end
complete -c rind -a "(__rind_complete)"
`;
