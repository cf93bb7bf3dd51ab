// What a conversation and a message look like. Everything that people wrote becomes text, never HTML.
const REACTIONS = { like: "👍", love: "❤️", laugh: "😂", wow: "😮", sad: "😢", angry: "😠" };
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export const at = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const { dataset = {}, attributes = {}, ...own } = properties;
  const made = Object.assign(document.createElement(name), own);
  Object.assign(made.dataset, dataset);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

export const nameOf = (person) => [person.first_name, person.last_name].filter(Boolean).join(" ") || person.email;

// A line of the list: who is there, what was said last, how much is unread.
export function drawConversation(button, { room: { last, unread }, title, status, isOpen }) {
  const dot = status && element("span", { className: `dot ${status}`, title: status }, said(`(${status})`));
  button.replaceChildren(
    element("span", { className: "name" }, ...(dot ? [dot] : []), title),
    element("span", { className: "last" }, last?.content ?? ""),
    ...(unread ? [element("span", { className: "unread" }, String(unread), said(" unread"))] : []),
  );
  if (isOpen) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
}

// `act` has what its buttons do: `react(message, kind, isMine)`.
export function messageLine(message, { mine, isRead, act }) {
  const own = message.sender.email === mine;
  const line = element("li", { className: own ? "own" : "", dataset: { id: message.id, seq: message.seq } });
  const state = [time.format(new Date(message.created_at)), message.is_edited && "edited", own && isRead && "read"];
  if (!own) line.append(element("span", { className: "sender" }, nameOf(message.sender)));
  if (message.reply_to) line.append(element("blockquote", {}, message.reply_to.content));
  line.append(content(message));
  line.append(element("small", {}, state.filter(Boolean).join(" · ")));
  if (!message.is_deleted) line.append(reactions(message, mine, act));
  return line;
}

export function waitingLine({ id, content, problem }) {
  const state = problem ? `Not sent: ${problem}` : "Sending…";
  const className = problem ? "own failed" : "own waiting";
  return element("li", { className, dataset: { waiting: id } }, element("p", {}, content), element("small", {}, state));
}

function content(message) {
  if (message.is_deleted) return element("p", { className: "deleted" }, "Deleted");
  const text = element("p", {}, message.content);
  if (message.attachment) text.append(element("a", { href: message.attachment.url }, message.attachment.filename));
  return text;
}

function reactions(message, mine, act) {
  const who = (kind) => message.reactions.filter((each) => each.reaction_type === kind).map((each) => each.user);
  const given = Object.keys(REACTIONS).filter((kind) => who(kind).length);
  const choice = element("details", {}, element("summary", { attributes: { "aria-label": "React" } }, "☺"));
  choice.append(...Object.keys(REACTIONS).map((kind) => chip(kind, kind, kind)));
  return element("div", { className: "reactions" }, ...given.map(counted), choice);

  function counted(kind) {
    const people = who(kind);
    return chip(kind, `${kind}, ${people.length}`, people.join(", "), ` ${people.length}`);
  }

  function chip(kind, label, title, count = "") {
    const isMine = who(kind).includes(mine), attributes = { "aria-label": label, "aria-pressed": isMine };
    const button = element("button", { type: "button", title, attributes }, REACTIONS[kind], count);
    button.addEventListener("click", () => {
      choice.open = false;
      act.react(message, kind, isMine);
    });
    return button;
  }
}

const said = (text) => element("span", { className: "said" }, text);
