// The button that cycles through the themes: the system's, light, dark. The choice is stored.

const CHOICES = ["system", "light", "dark"];
const root = document.documentElement;
const button = document.getElementById("theme");

function label() {
  const choice = root.dataset.choice;
  const next = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
  button.setAttribute("aria-label", `Theme: ${choice}. Change to ${next}`);
  button.title = `Theme: ${choice}`;
  return next;
}

button.addEventListener("click", () => {
  const next = label();
  if (next === "system") localStorage.removeItem("nightreel.theme");
  else localStorage.setItem("nightreel.theme", next);
  root.dispatchEvent(new Event("nightreel:theme"));
  label();
});

label();
