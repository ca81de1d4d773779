"use strict";
// Everything is on the page already; this moves the cursor along the strips
// and switches the bars of a class.
const data = JSON.parse(document.getElementById("page-data").textContent);
const slider = document.getElementById("second");

function signed(change, digits = 3) {
  const text = Math.abs(change).toFixed(digits);
  if (Number(text) === 0) return text;
  return (change < 0 ? "−" : "+") + text;
}

function chosen() {
  return Number(document.querySelector("input[name=class]:checked").value);
}

function show() {
  const second = Number(slider.value);
  const seconds = Number(slider.max) + 1;
  const start = second - Math.floor(data.window / 2);
  const first = Math.max(0, start);
  const last = Math.min(seconds - 1, start + data.window - 1);
  const looked = Object.entries(data.attention).map(
    ([word, values]) =>
      `${(100 * values[second]).toFixed(1)} % of the attention to the ${word}`
  );
  const top = data.classes[chosen()];
  const away =
    first === last ? `second ${first}` : `seconds ${first} to ${last}`;
  const text =
    `Second ${second}: ` + (looked.length ? looked.join(", ") + ". " : "") +
    `Without ${away} the score of ${top.name} ` +
    `changes by ${signed(top.change[second])}, its log-odds by ` +
    `${signed(top.log_odds[second], 2)}.`;
  document.getElementById("readout").textContent = text;
  slider.setAttribute("aria-valuetext", text);
  for (const cursor of document.querySelectorAll(".cursor")) {
    cursor.style.left = `${(100 * (second + 0.5)) / seconds}%`;
  }
}

function follow() {
  const changes = document.querySelectorAll("#strips .chart:last-child .bars");
  changes.forEach((path, place) => {
    path.toggleAttribute("hidden", place !== chosen());
  });
  document.getElementById("followed").textContent =
    data.classes[chosen()].name;
  show();
}

function point(event) {
  const box = document.getElementById("strips").getBoundingClientRect();
  const part = (event.clientX - box.left) / box.width;
  slider.value = Math.floor(part * (Number(slider.max) + 1));
  show();
}

if (slider) {
  slider.addEventListener("input", show);
  for (const radio of document.querySelectorAll("input[name=class]")) {
    radio.addEventListener("change", follow);
  }
  const strips = document.getElementById("strips");
  strips.addEventListener("pointermove", point);
  strips.addEventListener("pointerdown", point);
  follow();
}
