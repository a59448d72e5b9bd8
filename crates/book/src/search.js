// Lists the sections whose text has all words of the search.
"use strict";
const box = document.getElementById("search");
const [input, list] = [box.querySelector("input"), box.querySelector("ol")];
// The text to read: without what a script works with.
const textOf = (element) => [...element.childNodes].filter((node) => node.nodeName !== "SCRIPT").map((node) => node.textContent).join(" ");
const sections = [];
for (const heading of document.querySelectorAll("main h2, main h3")) {
  let text = heading.textContent;
  for (let next = heading.nextElementSibling; next && !/^H[23]$/.test(next.tagName); next = next.nextElementSibling) {
    text += " " + textOf(next);
  }
  sections.push({ heading, text: text.toLowerCase() });
}
box.hidden = false;
input.addEventListener("input", () => {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length ? sections.filter(({ text }) => words.every((word) => text.includes(word))) : [];
  const line = ({ heading }) => {
    const [item, link] = [document.createElement("li"), document.createElement("a")];
    link.href = "#" + heading.id;
    link.textContent = heading.textContent;
    item.append(link);
    return item;
  };
  list.replaceChildren(...found.slice(0, 20).map(line));
});
