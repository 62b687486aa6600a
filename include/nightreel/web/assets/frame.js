// Links to Airflow's own pages leave the frame that Airflow shows this page in. Its sandbox forbids
// a frame to navigate the window, but a link of the window's own document may be clicked.

const framed = window.self !== window.top;

/** Goes to a page of Airflow, in the window that holds the frame. */
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
