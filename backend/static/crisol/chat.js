// The page /chat: conversations as the socket tells them; their history, and whatever else is asked, over REST.
import { Room } from "./chat_room.js";
import { offer, whenStarted } from "./chat_start.js";
import { at, drawConversation, element, messageLine, nameOf, waitingLine } from "./chat_view.js";
import { connect } from "./live.js";
import { call, logIn, logOut, renew, session } from "./rest.js";

const TYPING_FADES = 6000, TYPING_AGAIN = 3000; // milliseconds
const REST = "/api/mensajes";
const rooms = new Map(); // by id
const lines = new Map(); // of the list, by the room's id
const statuses = new Map(); // by e-mail address
let live, me, open = null, typingSaid = 0;

// --- what the socket tells ---------------------------------------------------------------------------------------

const TOLD = {
  ready({ user, conversations }) {
    me = user.id;
    statuses.clear();
    at("offline").hidden = true;
    const there = new Set(conversations.map((each) => each.id));
    for (const id of rooms.keys()) if (!there.has(id)) forget(id);
    for (const { id, seq, unread } of conversations) Object.assign(known(id), { counted: seq, unread });
    load().catch(complain);
  },
  closed() {
    at("offline").hidden = false;
  },
  "conversation.created"({ conversation, seq, record }) {
    const room = known(conversation);
    room.restart(seq);
    room.describe(record);
    if (open === conversation) drawRoom(room);
    loadPresence().catch(complain);
  },
  "conversation.updated"({ conversation, record }) {
    known(conversation).describe(record);
    loadPresence().catch(complain);
  },
  "conversation.left"({ conversation }) {
    forget(conversation);
  },
  ack({ conversation, message }) {
    if (message && known(conversation).learn(message)) drawNews(known(conversation), message);
  },
  read({ conversation, user, seq }) {
    noteRead(conversation, [{ user, seq }]);
  },
  synced({ conversation, reads }) {
    noteRead(conversation, reads);
  },
  typing({ conversation, user, typing }) {
    const room = known(conversation);
    stopTyping(room, user);
    if (typing) room.typing.set(user, setTimeout(() => stopTyping(room, user), TYPING_FADES));
    drawTyping();
  },
  "presence.changed"({ email, status }) {
    statuses.set(email, status);
  },
  error({ id, message }) {
    const room = [...rooms.values()].find((each) => each.waiting.has(id));
    if (!room) return;
    room.waiting.get(id).problem = message;
    drawWaiting(room);
  },
};

function show(frame) {
  if (frame.type in TOLD) TOLD[frame.type](frame);
  else if (frame.type.startsWith("message.")) hear(known(frame.conversation), frame.message);
  draw();
}

function hear(room, message) {
  room.hear(message, me);
  stopTyping(room, message.sender.id);
  drawNews(room, message);
  readOpen();
}

function noteRead(id, reads) {
  const room = known(id);
  const own = open === id ? room.ordered.filter((each) => each.sender.id === me && !room.isRead(each)) : [];
  for (const { user, seq } of reads) room.noteRead(user, seq, me);
  for (const message of own) if (room.isRead(message)) drawMessage(room, message);
}

function stopTyping(room, user) {
  clearTimeout(room.typing.get(user));
  room.typing.delete(user);
  drawTyping();
}

function known(id) {
  if (!rooms.has(id)) rooms.set(id, new Room(id));
  return rooms.get(id);
}

function forget(id) {
  rooms.delete(id);
  lines.delete(id);
  if (open === id) leaveRoom();
}

// --- what REST answers -------------------------------------------------------------------------------------------

async function load() {
  const { results } = await call("GET", `${REST}/conversations/?page_size=100`);
  for (const each of results) rooms.get(each.id)?.describe(each);
  draw();
  const unnamed = [...rooms.values()].filter((room) => !room.title);
  for (const room of unnamed) room.describe(await call("GET", `${REST}/conversations/${room.id}/`));
  at("status").value = (await call("GET", `${REST}/status/`)).status;
  await loadPresence();
}

// Of who is in no conversation with the person, nothing is told: with each new conversation there may be more to know.
async function loadPresence() {
  const { users } = await call("GET", `${REST}/online-users/`);
  for (const { user, status } of users) statuses.set(user, status);
  draw();
}

async function loadMessages(room) {
  const [first] = room.ordered, before = room.hasEarlier && first ? `&before=${first.id}` : "";
  const found = await call("GET", `${REST}/conversations/${room.id}/messages/?ordering=-created_at${before}`);
  room.hasEarlier = Boolean(found.next);
  const news = found.results.filter((message) => room.learn(message));
  if (open === room.id) keepingTheEndInSight(() => news.forEach((message) => drawMessage(room, message)));
  at("earlier").hidden = open !== room.id || !room.hasEarlier;
  draw();
}

// --- what is seen ------------------------------------------------------------------------------------------------

function draw() {
  const named = [...rooms.values()].filter((room) => room.title).sort((one, other) => other.activeAt - one.activeAt);
  for (const room of named) {
    const other = room.otherThan(me), status = other && (statuses.get(other.email) ?? "offline");
    const title = other ? nameOf(other) : room.title;
    drawConversation(lineOf(room).firstChild, { room, title, status, isOpen: open === room.id });
    if (open !== room.id) continue;
    at("title").textContent = title;
    at("people").textContent = room.people.map(nameOf).join(", ");
  }
  const list = at("conversations"), wanted = named.map(lineOf);
  if (wanted.length !== list.children.length || wanted.some((line, place) => list.children[place] !== line))
    list.replaceChildren(...wanted);
}

function lineOf({ id }) {
  if (!lines.has(id)) {
    const button = element("button", { type: "button", dataset: { conversation: id } });
    button.addEventListener("click", () => enter(id));
    lines.set(id, element("li", {}, button));
  }
  return lines.get(id);
}

function drawRoom(room) {
  at("messages").replaceChildren();
  for (const message of room.ordered) drawMessage(room, message);
  drawWaiting(room);
  drawTyping();
  at("earlier").hidden = !room.hasEarlier;
  at("scroll").scrollTop = at("scroll").scrollHeight;
  if (room.hasEarlier === null) loadMessages(room).catch(complain);
}

function drawNews(room, message) {
  if (open !== room.id) return;
  keepingTheEndInSight(() => {
    drawMessage(room, message);
    drawWaiting(room);
  });
}

function drawMessage(room, message) {
  const line = messageLine(message, { mine: session.user.email, isRead: room.isRead(message), act: { react } });
  const list = at("messages"), before = list.querySelector(`[data-id="${message.id}"]`);
  if (before) {
    if (before.querySelector("details[open]")) line.querySelector("details")?.setAttribute("open", "");
    return before.replaceWith(line);
  }
  const next = [...list.children].find((each) => each.dataset.waiting || Number(each.dataset.seq) > message.seq);
  list.insertBefore(line, next ?? null);
}

function drawWaiting(room) {
  if (open !== room.id) return;
  for (const line of at("messages").querySelectorAll("[data-waiting]")) line.remove();
  at("messages").append(...[...room.waiting.values()].map(waitingLine));
}

function drawTyping() {
  const room = rooms.get(open);
  const names = room?.people.filter((each) => room.typing.has(each.id)).map(nameOf) ?? [];
  at("typing").textContent = names.length ? `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing…` : "";
}

function keepingTheEndInSight(change) {
  const place = at("scroll"), isAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 80;
  change();
  if (isAtEnd) place.scrollTop = place.scrollHeight;
}

function complain(problem) {
  at("problem").textContent = problem.message;
}

// --- what is done ------------------------------------------------------------------------------------------------

function enter(id) {
  stopSayingTyping();
  open = id;
  at("problem").textContent = at("text").value = "";
  at("room").hidden = false;
  at("empty").hidden = true;
  at("rooms").classList.add("inside");
  at("text").focus();
  drawRoom(known(id));
  readOpen();
  draw();
}

function leaveRoom() {
  stopSayingTyping();
  open = null;
  at("room").hidden = true;
  at("empty").hidden = false;
  at("rooms").classList.remove("inside");
  draw();
}

function readOpen() {
  const room = rooms.get(open);
  if (!room?.unread || document.visibilityState !== "visible") return;
  live.say({ type: "read", conversation: room.id, seq: room.counted });
}

function react(message, kind, isMine) {
  const place = `${REST}/messages/${message.id}/reactions/`;
  const asked = isMine ? call("DELETE", `${place}${kind}/`) : call("POST", place, { reaction_type: kind });
  asked.catch(complain);
}

function sayTyping() {
  if (!at("text").value) return stopSayingTyping();
  if (Date.now() - typingSaid < TYPING_AGAIN) return;
  typingSaid = Date.now();
  live.say({ type: "typing", conversation: open, typing: true });
}

function stopSayingTyping() {
  if (typingSaid) live.say({ type: "typing", conversation: open, typing: false });
  typingSaid = 0;
}

function send(event) {
  event.preventDefault();
  const room = known(open), content = at("text").value.trim();
  if (!content) return;
  const id = live.send(room.id, { content });
  room.waiting.set(id, { id, content });
  at("text").value = "";
  typingSaid = 0;
  drawWaiting(room);
  at("scroll").scrollTop = at("scroll").scrollHeight;
}

function goIn() {
  at("entrance").hidden = true;
  at("rooms").hidden = false;
  live = connect({ token: () => session.access, show, refused });
}

async function refused() {
  const isRenewed = await renew();
  if (!isRenewed) goOut();
  return isRenewed;
}

function goOut() {
  session.end();
  location.reload();
}

// --- the page ----------------------------------------------------------------------------------------------------

at("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { email, password } = event.target.elements, problem = event.target.querySelector("[role=alert]");
  problem.textContent = "";
  try {
    await logIn(email.value, password.value);
    goIn();
  } catch (found) {
    problem.textContent = found.message;
  }
});
for (const button of document.querySelectorAll("#logins button"))
  button.addEventListener("click", () => {
    const { email, password } = at("login").elements;
    [email.value, password.value] = [button.dataset.email, button.dataset.password];
    at("login").requestSubmit();
  });
at("leave").addEventListener("click", () => logOut().then(goOut));
at("status").addEventListener("change", (event) => live.say({ type: "presence.set", status: event.target.value }));
at("back").addEventListener("click", leaveRoom);
at("earlier").addEventListener("click", () => loadMessages(known(open)).catch(complain));
at("text").addEventListener("input", sayTyping);
at("writing").addEventListener("submit", send);
at("start").addEventListener("click", () => offer([...rooms.values()].flatMap((room) => room.people), me));
whenStarted((made) => {
  known(made.id).describe(made);
  enter(made.id);
});
document.addEventListener("visibilitychange", readOpen);

if (session.access) goIn();
