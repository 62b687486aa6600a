// Sets the theme before the first paint: the reader's, or Airflow's if the page is in its frame.
// A classic script, because a module would run after the paint.
(() => {
  const root = document.documentElement;
  const framed = window.self !== window.top;
  root.toggleAttribute("data-framed", framed);

  const themeOfFrame = () => {
    try {
      const outer = window.parent.document.documentElement;
      return outer.classList.contains("dark") ? "dark" : outer.classList.contains("light") ? "light" : null;
    } catch {
      return null; // framed by another origin
    }
  };

  const chosen = () => {
    try {
      return localStorage.getItem("nightreel.theme");
    } catch {
      return null; // storage is switched off
    }
  };

  const show = () => {
    const theme = chosen();
    root.dataset.choice = theme ?? "system";
    const shown = theme ?? (framed ? themeOfFrame() : null);
    if (shown) root.dataset.theme = shown;
    else delete root.dataset.theme;
  };

  show();
  root.addEventListener("nightreel:theme", show);
  if (framed) follow();

  function follow() {
    try {
      new MutationObserver(show).observe(window.parent.document.documentElement, { attributeFilter: ["class"] });
    } catch {
      // Framed by another origin: use the system's theme.
    }
  }
})();
