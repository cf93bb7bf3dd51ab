// The dialogue that starts a conversation.
import { at, element, nameOf } from "./chat_view.js";
import { call } from "./rest.js";

// Whom one may write to: all, for who may list them; else those whom one has `met` in conversations.
async function colleagues(met, me) {
  const { results } = await call("GET", "/api/users/?page_size=100").catch(() => ({ results: met }));
  const others = new Map(results.filter((each) => each.id !== me).map((each) => [each.id, each]));
  return [...others.values()].sort((one, other) => nameOf(one).localeCompare(nameOf(other)));
}

export async function offer(met, me) {
  const people = (await colleagues(met, me)).map((each) =>
    element("label", {}, element("input", { type: "checkbox", name: "participants", value: each.id }), nameOf(each)),
  );
  const form = at("beginning").querySelector("form");
  form.reset();
  form.querySelector("[role=alert]").textContent = people.length ? "" : "There is nobody that you may choose.";
  form.querySelector("fieldset").replaceChildren(element("legend", {}, "With whom"), ...people);
  at("beginning").showModal();
}

// Calls `started` with the conversation that was made, or was there already.
export function whenStarted(started) {
  at("beginning").addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = new FormData(event.target), title = chosen.get("title");
    const participants = chosen.getAll("participants").map(Number);
    const conversation_type = participants.length === 1 && !title ? "direct" : "group";
    try {
      const made = await call("POST", "/api/mensajes/conversations/", { title, conversation_type, participants });
      at("beginning").close();
      await started(made);
    } catch (problem) {
      event.target.querySelector("[role=alert]").textContent = problem.message;
    }
  });
  at("beginning").querySelector("[type=button]").addEventListener("click", () => at("beginning").close());
}
