// Numbers as people say them.

/** `98 MB`, `1.2 GB`. */
export function size(bytes) {
  let number = bytes;
  let unit = "B";
  for (const next of ["kB", "MB", "GB", "TB"]) {
    if (number < 999.5) break;
    number /= 1000;
    unit = next;
  }
  return `${number < 10 && unit !== "B" ? number.toFixed(1) : Math.round(number)} ${unit}`;
}

/** `135M`, `1.7B`. */
export function parameters(count) {
  if (!count) return "";
  return count >= 1e9 ? `${(count / 1e9).toFixed(1).replace(/\.0$/, "")}B` : `${Math.round(count / 1e6)}M`;
}

/** Two digits: `0.4`, `3.1`, `12`. */
export const rate = (number) => (number >= 10 ? Number(number.toPrecision(2)).toLocaleString("en") : String(Number(number.toPrecision(2))));

export const licenceClass = { "open source": "open", "open with restrictions": "restricted", unknown: "unknown" };

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
