// The last values of a key as a line, or as marks where they are no numbers.

const width = 96, height = 22, margin = 2;
const make = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

export function spark(values) {
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  const numbers = values.map(Number);
  const numeric = values.length > 1 && values.every((value) => value.trim() !== "") && numbers.every(Number.isFinite);
  svg.setAttribute("aria-label", numeric ? `last values ${values.slice(-8).join(", ")}` : `${values.length} known values`);
  const x = (i) => margin + (i * (width - 2 * margin)) / Math.max(1, values.length - 1);
  if (numeric) {
    const low = Math.min(...numbers), high = Math.max(...numbers);
    const y = (n) => (high === low ? height / 2 : height - margin - ((n - low) * (height - 2 * margin)) / (high - low));
    svg.append(make("polyline", { points: numbers.map((n, i) => `${x(i).toFixed(1)},${y(n).toFixed(1)}`).join(" ") }));
    svg.append(make("circle", { cx: x(values.length - 1), cy: y(numbers.at(-1)), r: 2 }));
  } else {
    values.forEach((_, i) => svg.append(make("circle", { cx: x(i), cy: height / 2, r: i === values.length - 1 ? 2 : 1.5 })));
  }
  return svg;
}

export function age(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}
