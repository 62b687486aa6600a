// Makes links to Airflow's own pages leave the frame in which Airflow shows this page. The frame's sandbox
// must not navigate the window, but it can click a link in the window's own document.

const framed = window.self !== window.top;

/** Opens a page of Airflow in the window around the frame. */
function openInAirflow(href) {
  if (!framed) {
    window.location.assign(href);
    return;
  }
  const outer = window.parent.document;
  const link = outer.createElement("a");
  link.href = new URL(href, window.location.href).href;
  link.hidden = true;
  outer.body.append(link);
  link.click();
  link.remove();
}

if (framed) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-airflow]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !plain) return;
    event.preventDefault();
    openInAirflow(link.href);
  });
}
