// Leave quickly: the link works without this. Here it also answers to Esc pressed twice, empties the page at once and
// leaves no way back to it in the history.
const link = document.querySelector("a.exit");
let last = -Infinity;

function leave() {
  document.title = "\u200b";
  document.body.replaceChildren();
  location.replace(link.href);
}

link.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (event.timeStamp - last < 1500) leave();
  last = event.timeStamp;
});
