/** The results as tables of markdown: one of the peers, a row for each thing measured, and one of what is measured of Rind alone. */
export function tables(results) {
  return [
    peerTable(results.filter(({ peer, median }) => peer !== undefined && median !== undefined)),
    ownTable(results.filter(({ measured }) => measured !== undefined)),
  ]
    .filter((table) => table !== "")
    .join("\n\n");
}

function peerTable(results) {
  const peers = [...new Set(results.map(({ peer }) => peer))];
  const rows = [...new Set(results.map(({ bench }) => bench))].map((bench) => [
    bench,
    ...peers.map((peer) => results.find((one) => one.bench === bench && one.peer === peer)?.median ?? "-"),
  ]);
  return table(["", ...peers], rows);
}

function ownTable(results) {
  return table(
    ["", "measured", "beside it"],
    results.map(({ bench, measured, beside }) => [bench, measured, beside ?? ""]),
  );
}

function table(head, rows) {
  if (rows.length === 0) return "";
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
