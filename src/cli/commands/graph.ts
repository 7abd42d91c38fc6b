import type { Command } from "commander";
import { undeclared } from "../../errors/undeclared.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { graphLines } from "../render/graph.ts";

export function addGraph(program: Command, context: Context): void {
  program
    .command("graph")
    .description("show what services depend on, as a tree, with their phases")
    .argument("[names...]", "where to begin; default: the services on which nobody depends")
    .option("--json", "print nodes and edges as json")
    .action(async (names: string[], options: { json?: true }) => {
      const graph = await context.withDaemon((client) => client.call("service.graph", {}));
      const known = new Set(graph.nodes.map((node) => node.name));
      for (const name of names) if (!known.has(name)) throw undeclared(`no service ${name}`, name, known);
      if (options.json) await printJson(context, graph);
      else await printLines(context, graphLines(graph, names, context.style));
    });
}
