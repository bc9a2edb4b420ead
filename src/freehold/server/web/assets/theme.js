// Light or dark: as the system says, unless this browser was told otherwise. It runs before the
// page is drawn, so that nothing flashes.
(() => {
  const kept = () => localStorage.getItem("theme");
  const show = (theme) => {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  const isDark = () =>
    (kept() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const choose = (theme) => {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
    show(kept());
    dispatchEvent(new Event("theme"));
  };
  show(kept());
  addEventListener("storage", (event) => event.key === "theme" && show(kept()));
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme")?.addEventListener("click", () => choose(isDark() ? "light" : "dark"));
  });
  window.freeholdTheme = { kept: () => kept() ?? "system", choose };
})();
