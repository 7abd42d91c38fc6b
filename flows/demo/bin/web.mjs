/** The demo's web server: answers every request with a line about itself, and dies of /crash. HOST and PORT come from Rind. */
import { createServer } from "node:http";

const { HOST = "127.0.0.1", PORT = "8080", RIND_SERVICE = "a shell" } = process.env;

const server = createServer((request, response) => {
  console.log(`${request.method} ${request.url}`);
  response.setHeader("content-type", "text/plain; charset=utf-8");
  if (request.url === "/crash") response.end("Argh.\n", () => process.exit(1));
  else response.end(`Hello from ${RIND_SERVICE}, process ${process.pid}.\n`);
});

server.listen({ host: HOST, port: Number(PORT) }, () => {
  const { address, port } = server.address();
  console.log(`listening on http://${address}:${port}/`);
});

process.once("SIGTERM", () => {
  console.log("closing");
  server.close();
  server.closeAllConnections();
});
