// The theme of last time, before anything is drawn: a dark dome sees no flash of another.
(() => {
  const wanted = localStorage.getItem("theme");
  const usual = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  document.documentElement.dataset.theme = wanted === "dark" || wanted === "red" || wanted === "light" ? wanted : usual;
})();
