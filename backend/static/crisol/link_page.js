// The token stands behind the # of the address: it leaves the browser in the body of this one request alone.
// Inputs without a name are not sent.
const form = document.querySelector("form");
const passwords = [...form.querySelectorAll("[type=password]")];
const problem = document.getElementById("problem");
const done = document.getElementById("done");
const button = form.querySelector("button");
const token = location.hash.slice(1);

async function send() {
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "omit",
    body: JSON.stringify({ token, ...Object.fromEntries(new FormData(form)) }),
  });
  const body = await answer.json();
  if (answer.ok) finish(body);
  else problem.textContent = sentences(body);
}

// Some dialects have the sentence in `error` and the reasons beside it, others both within `error`.
function sentences(body) {
  const { message, details } = typeof body.error === "string" ? { ...body, message: body.error } : body.error;
  const reasons = Object.values(details ?? {}).flat();
  return (reasons.length ? reasons : [message]).join(" ");
}

function finish(result) {
  for (const cell of done.querySelectorAll("[data-of]")) cell.textContent = result[cell.dataset.of];
  form.hidden = true;
  done.hidden = false;
  history.replaceState(null, "", location.pathname); // the link is used up
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  if (passwords.some((each) => each.value !== passwords[0].value)) {
    problem.textContent = form.dataset.differ;
    return;
  }
  button.disabled = true;
  try {
    await send();
  } catch {
    problem.textContent = form.dataset.unreachable;
  } finally {
    button.disabled = false;
  }
});
addEventListener("hashchange", () => location.reload());

if (token) button.disabled = false;
else problem.textContent = form.dataset.noToken;
