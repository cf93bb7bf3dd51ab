// What is known of one conversation.
export class Room {
  messages = new Map(); // by id
  waiting = new Map(); // what is on its way, by client_id
  typing = new Map(); // who types, and when that fades
  reads = new Map(); // up to where everybody has read, by user
  people = [];
  unread = 0;
  counted = 0; // the place up to which `unread` has counted
  hasEarlier = null; // whether there are older messages than these; null: none were asked for yet

  constructor(id) {
    this.id = id;
  }

  describe({ title, conversation_type, participants, last_message, created_at }) {
    Object.assign(this, { title, kind: conversation_type, people: participants, created_at });
    if (last_message) this.last ??= last_message;
  }

  // It was opened, or one is back in it: what was known before may be old.
  restart(seq) {
    this.messages.clear();
    Object.assign(this, { counted: seq, unread: 0, hasEarlier: null });
  }

  // From the socket. The whole message as it is now: it takes the place of what was known of it.
  hear(message, me) {
    if (message.seq > this.counted && message.sender.id !== me) this.unread += 1;
    this.counted = Math.max(this.counted, message.seq);
    this.put(message);
  }

  // From elsewhere: what the socket has told already is newer. Answers whether it was news.
  learn(message) {
    const isNews = !this.messages.has(message.id);
    if (isNews) this.put(message);
    return isNews;
  }

  put(message) {
    this.messages.set(message.id, message);
    this.waiting.delete(message.client_id);
    if (!(this.last?.id > message.id)) this.last = message;
  }

  noteRead(user, seq, me) {
    this.reads.set(user, Math.max(seq, this.reads.get(user) ?? 0));
    if (user === me && seq >= this.counted) this.unread = 0;
  }

  isRead(message) {
    const others = this.people.filter((each) => each.id !== message.sender.id);
    return message.is_read || (others.length > 0 && others.every((each) => this.reads.get(each.id) >= message.seq));
  }

  get ordered() {
    return [...this.messages.values()].sort((one, other) => one.seq - other.seq);
  }

  get activeAt() {
    return Date.parse(this.last?.created_at ?? this.created_at);
  }

  // Of a conversation of two, who the other is.
  otherThan(me) {
    return this.kind === "direct" ? this.people.find((each) => each.id !== me) : undefined;
  }
}
