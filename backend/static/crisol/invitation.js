// The token stands behind the # of the address: it leaves the browser in the body of this one request alone.
const form = document.getElementById("invitation");
const problem = document.getElementById("problem");
const done = document.getElementById("done");
const button = form.querySelector("button");
const token = location.hash.slice(1);

async function accept() {
  const { firstName, lastName, password } = Object.fromEntries(new FormData(form));
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "omit",
    body: JSON.stringify({ token, password, firstName, lastName }),
  });
  const body = await answer.json();
  if (answer.ok) welcome(body);
  else problem.textContent = sentences(body.error);
}

function sentences({ message, details }) {
  const reasons = Object.values(details).flat();
  return (reasons.length ? reasons : [message]).join(" ");
}

function welcome(member) {
  for (const cell of done.querySelectorAll("[data-of]")) cell.textContent = member[cell.dataset.of];
  form.hidden = true;
  done.hidden = false;
  history.replaceState(null, "", location.pathname); // the link is used up
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  if (form.password.value !== form.repeated.value) {
    problem.textContent = form.dataset.differ;
    return;
  }
  button.disabled = true;
  try {
    await accept();
  } catch {
    problem.textContent = form.dataset.unreachable;
  } finally {
    button.disabled = false;
  }
});
addEventListener("hashchange", () => location.reload());

if (token) button.disabled = false;
else problem.textContent = form.dataset.noToken;
