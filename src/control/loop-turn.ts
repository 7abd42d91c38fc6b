let turn = 0;
let isAsked = false;

/**
 * The number of the turn that the event loop is in. Counted for all connections together, and only while somebody asks: a callback for each of
 * them in each turn would cost more than what most of them ask for.
 */
export function loopTurn(): number {
  if (!isAsked) {
    isAsked = true;
    setImmediate(() => {
      isAsked = false;
      turn += 1;
    });
  }
  return turn;
}
