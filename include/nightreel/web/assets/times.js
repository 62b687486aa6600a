// Times in the reader's time zone, and ages that are kept up to date.

const FORMS = {
  moment: new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }),
  hour: new Intl.DateTimeFormat(undefined, { timeStyle: "short" }),
  full: new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" }),
};
const STEPS = [[31536000, "y"], [86400, "d"], [3600, "h"], [60, "min"]];
const AGES_EVERY_MS = 30_000;

function since(moment) {
  const seconds = (Date.now() - moment) / 1000;
  for (const [step, unit] of STEPS) {
    if (Math.abs(seconds) < step) continue;
    const said = `${Math.floor(Math.abs(seconds) / step)} ${unit}`;
    return seconds >= 0 ? `${said} ago` : `in ${said}`;
  }
  return seconds >= 0 ? "just now" : "in a moment";
}

/** Rewrites the <time> elements below `root`, for what was added to the page after it loaded. */
export function showTimes(root = document) {
  for (const element of root.querySelectorAll("time[data-form]")) {
    const moment = new Date(element.dateTime);
    const form = element.dataset.form;
    element.textContent = form === "age" ? since(moment) : FORMS[form].format(moment);
    element.title = FORMS.full.format(moment);
  }
}

showTimes();
setInterval(showTimes, AGES_EVERY_MS);
