// A web service for the examples: http-service.mjs --name NAME --port PORT [--ready-after MS]
// GET /health and /ready say 200 or 503, POST /break and /mend turn /health bad and good, everything else answers its name and environment.
import { createServer } from "node:http";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { name: { type: "string" }, port: { type: "string" }, "ready-after": { type: "string", default: "0" } },
});
const readyAt = Date.now() + Number(values["ready-after"]);
let broken = false;

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  if (request.method === "POST" && pathname === "/break") broken = true;
  if (request.method === "POST" && pathname === "/mend") broken = false;
  const good = pathname === "/ready" ? Date.now() >= readyAt : pathname !== "/health" || !broken;
  response.writeHead(good ? 200 : 503, { "content-type": "application/json" });
  response.end(`${JSON.stringify({ name: values.name, pid: process.pid, path: pathname, database: process.env.DATABASE_URL ?? null })}\n`);
});
server.listen(Number(values.port), "127.0.0.1", () => console.log(`${values.name} listens on port ${values.port}`));

process.on("SIGTERM", () => {
  console.log(`${values.name} ends`);
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
