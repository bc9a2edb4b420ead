// Cells that one goes through with the arrow keys; one of them at a time is in the tab order.

export class Grid {
  /**
   * `place` is the element with role grid. `seen(cell)` is called for the cell that has the focus or
   * that the pointer rests on, `chosen(cell)` for one that is clicked or answered with Enter.
   */
  constructor(place, seen, chosen = () => {}) {
    Object.assign(this, { place, rows: [], seen, chosen });
    place.addEventListener("keydown", (event) => this.#key(event));
    place.addEventListener("focusin", (event) => this.#about(event, (cell) => (this.#enter(cell), seen(cell))));
    place.addEventListener("mouseover", (event) => this.#about(event, seen));
    place.addEventListener("click", (event) => this.#about(event, (cell) => (this.#enter(cell), seen(cell), chosen(cell))));
  }

  /** The cells, row by row; `first` is the one that the Tab key leads to. */
  fill(rows, first = rows[0]?.[0]) {
    this.rows = rows;
    for (const [row, cells] of rows.entries()) {
      for (const [column, cell] of cells.entries()) Object.assign(cell, { tabIndex: -1, gridAt: [row, column] });
    }
    if (first) first.tabIndex = 0;
    this.current = first;
  }

  at(row, column) {
    return this.rows[row]?.[column];
  }

  #about(event, act) {
    const cell = event.target.closest?.("[role=gridcell]");
    if (cell?.gridAt && this.place.contains(cell)) act(cell);
  }

  #enter(cell) {
    if (this.current) this.current.tabIndex = -1;
    this.current = cell;
    cell.tabIndex = 0;
  }

  #key(event) {
    const cell = this.current;
    if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
    const [row, column] = cell.gridAt;
    const last = this.rows[row].length - 1;
    const places = {
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      Home: [row, 0],
      End: [row, last],
    };
    if (event.key === "Enter" || event.key === " ") this.chosen(cell);
    else if (!(event.key in places)) return;
    else this.at(...places[event.key])?.focus();
    event.preventDefault();
  }
}
