"""An application that answers a PUT with the digest of what it got and how often it got a piece, a GET with much."""

import hashlib

PIECE = b"0123456789abcdef" * 4096
PIECES = 1024


async def application(scope, receive, send):
    await (much if scope["method"] == "GET" else digested)(receive, send)


async def much(receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for number in range(PIECES):
        await send({"type": "http.response.body", "body": PIECE, "more_body": number < PIECES - 1})


async def digested(receive, send):
    digest, pieces, more = hashlib.sha256(), 0, True
    while more:
        message = await receive()
        digest.update(message["body"])
        pieces, more = pieces + 1, message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{digest.hexdigest()} {pieces}".encode()})
