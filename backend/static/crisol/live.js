// The live socket: it comes back by itself, catches up with what it missed, and asks again until it is answered.
export function connect({ token, show, refused }) {
  const places = new Map(); // up to where each conversation has been told
  let socket, queue = [], pause = 500, silence = 0; // the first of the queue is asked, the others wait for its answer
  const say = (frame) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame));
  const ask = () => queue.length && say(queue[0]);
  const lags = (key) => queue.some((each) => each.type === "sync" && each.conversation === key);
  function open() {
    silence = 0;
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/`, ["crisol.v1", `bearer.${token()}`]);
    socket.onmessage = ({ data }) => take(JSON.parse(data));
    socket.onclose = async ({ code }) => {
      show({ type: "closed", code });
      if (code === 4401 && !(await refused())) return; // true: there is another token now
      setTimeout(open, pause * (0.5 + Math.random())); // not all clients at once
      pause = Math.min(pause * 2, 30000);
    };
  }
  function take(frame) {
    const { type, id, conversation: key, seq, code } = frame;
    silence = 0;
    if (type === "ready") {
      const behind = frame.conversations.filter((each) => places.get(each.id) < each.seq).map((each) => each.id);
      const syncs = behind.map((at) => ({ type: "sync", id: `sync ${at}`, conversation: at, after: places.get(at) }));
      queue = [...syncs, ...queue.filter((each) => each.type !== "sync")];
      for (const each of frame.conversations) if (!places.has(each.id)) places.set(each.id, each.seq);
      pause = 500;
    } else if (type === "conversation.left") places.delete(key);
    else if (type === "synced" || (/^(message|conversation)\./.test(type) && !lags(key))) places.set(key, seq);
    show(frame);
    if (id && id === queue[0]?.id && code !== "unavailable") queue.shift();
    else if (type !== "ready") return void (type === "error" && setTimeout(ask, 1000)); // too much, or no database
    ask();
  }
  function send(conversation, draft) {
    const id = `${Date.now()} ${Math.random()}`; // a message is stored once under it, however often it is sent
    if (queue.push({ type: "message.send", id, client_id: id, conversation, ...draft }) === 1) ask();
    return id;
  }
  open();
  setInterval(() => (++silence > 3 ? socket.close() : say({ type: "ping" })), 20000); // a dead line says nothing
  return { send, say };
}
