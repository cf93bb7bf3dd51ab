// A login of the urbany dialect, kept for this tab, and the operations that are asked with it.
let renewing = null;

export const session = {
  get user() {
    return JSON.parse(sessionStorage.getItem("user"));
  },
  get access() {
    return sessionStorage.getItem("access");
  },
  keep(values) {
    for (const [name, value] of Object.entries(values)) sessionStorage.setItem(name, value);
  },
  end() {
    sessionStorage.clear();
  },
};

export async function logIn(email, password) {
  const { tokens, user, two_factor_required } = await asked("POST", "/api/auth/login/", { email, password });
  if (two_factor_required) throw new Error("This login owes a second factor, which this page does not ask for.");
  session.keep({ ...tokens, user: JSON.stringify(user) });
}

export async function logOut() {
  const refresh = sessionStorage.getItem("refresh");
  await call("POST", "/api/auth/logout/", { refresh }).catch(() => {}); // the tokens are forgotten either way
  session.end();
}

// The answer's body. Throws what the server says is wrong, or that it can't be reached.
export async function call(method, path, body) {
  try {
    return await asked(method, path, body);
  } catch (problem) {
    if (problem.status !== 401 || !(await renew())) throw problem;
    return asked(method, path, body);
  }
}

// Whether there may be a good token now: false where one has to log in anew.
export function renew() {
  renewing ??= renewed().finally(() => (renewing = null));
  return renewing;
}

async function renewed() {
  try {
    session.keep(await asked("POST", "/api/token/refresh/", { refresh: sessionStorage.getItem("refresh") }));
    return true;
  } catch (problem) {
    return !(problem.status < 500);
  }
}

async function asked(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (session.access) headers.Authorization = `Bearer ${session.access}`;
  const answer = await fetch(path, { method, headers, credentials: "omit", body: body && JSON.stringify(body) });
  const found = answer.status === 204 ? null : await answer.json();
  if (answer.ok) return found;
  const reasons = Object.values(found.details ?? {}).flat();
  throw Object.assign(new Error(reasons.join(" ") || found.error || found.detail), { status: answer.status });
}
