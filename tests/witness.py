#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""witness.py KEY VKEY STATE unix:PATH|PORTFILE [STATUS BODY]: a witness (C2SP tlog-witness) over HTTP whose judgement
is ab-audit cosign's. With a fixed STATUS and BODY it answers that instead. Writes its port to PORTFILE."""
import http.server
import os
import re
import socketserver
import subprocess
import sys

KEY, VKEY, STATE, WHERE = sys.argv[1:5]
FIXED = sys.argv[5:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.path.endswith("/add-checkpoint"):
            return self.answer(404, b"")
        if FIXED:
            return self.answer(int(FIXED[0]), FIXED[1].encode().decode("unicode_escape").encode("latin-1"))
        r = subprocess.run(["ab-audit", "cosign", "--key", KEY, "--vkey", VKEY, "--state", STATE], input=body,
                           capture_output=True)
        stale = re.search(rb"the last cosigned has (\d+)", r.stderr)
        if r.returncode == 0:
            self.answer(200, r.stdout)
        elif stale:
            self.answer(409, stale.group(1) + b"\n")
        else:
            self.answer(403 if b"no signature" in r.stderr else 422, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "local"

    def log_message(self, *_):
        with open("requests", "a") as f:
            f.write(self.requestline + "\n")


if WHERE.startswith("unix:"):
    class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        pass
    server = Server(WHERE[5:], Handler)
else:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(WHERE + ".new", "w") as f:
        f.write(str(server.server_address[1]))
    os.rename(WHERE + ".new", WHERE)
server.daemon_threads = True
server.serve_forever()
