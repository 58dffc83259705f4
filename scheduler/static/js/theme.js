// Runs before the first paint: the person's own choice, or what the system prefers.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const choice = () => { try { return localStorage.getItem("theme") || "system"; } catch { return "system"; } };
  const show = () => {
    const chosen = choice();
    const theme = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
    document.documentElement.setAttribute("data-bs-theme", theme);
  };
  dark.addEventListener("change", show);
  window.chairtimeTheme = { choice, set(value) { try { localStorage.setItem("theme", value); } catch { /* private window: this page only */ } show(); } };
  show();
})();
